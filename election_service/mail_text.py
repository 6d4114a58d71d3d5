"""What the mail with the ballot link says, in the voter's language. Plain text: nothing in it reports back."""

from typing import Final

LANGUAGES: Final = ("en", "ka", "az", "ru")

# {title}, {name} and {link} are filled in. The link stands on a line of its own, so that mail programs keep it whole.
SUBJECTS: Final = {
    "en": "Your ballot link: {title}",
    "ka": "თქვენი საარჩევნო ბმული: {title}",
    "az": "Sizin səsvermə keçidiniz: {title}",
    "ru": "Ваша ссылка для голосования: {title}",
}
BODIES: Final = {
    "en": """Dear {name},

with this link you vote in: {title}

{link}

The link is yours alone. Whoever has it can vote in your place, so do not forward it. Opening it changes nothing;
you can open it again on another device. Nobody from the committee will ever ask you for it.
""",
    "ka": """გამარჯობა, {name}!

ამ ბმულით ხმას აძლევთ არჩევნებში: {title}

{link}

ბმული მხოლოდ თქვენია. ვისაც ის აქვს, შეუძლია თქვენ ნაცვლად ხმის მიცემა, ამიტომ ნურავის გადაუგზავნით. ბმულის გახსნა
არაფერს ცვლის; შეგიძლიათ სხვა მოწყობილობაზეც გახსნათ. კომისია მას არასოდეს მოგთხოვთ.
""",
    "az": """Hörmətli {name},

bu keçidlə seçkidə səs verirsiniz: {title}

{link}

Keçid yalnız sizindir. Kimdə varsa, sizin əvəzinizə səs verə bilər, ona görə heç kimə göndərməyin. Keçidi açmaq heç nəyi
dəyişmir; onu başqa cihazda da aça bilərsiniz. Komissiya onu sizdən heç vaxt istəməyəcək.
""",
    "ru": """Здравствуйте, {name}!

По этой ссылке вы голосуете на выборах: {title}

{link}

Ссылка только ваша. Тот, у кого она есть, может проголосовать за вас, поэтому никому её не пересылайте. Открытие ссылки
ничего не меняет; её можно открыть и на другом устройстве. Комиссия никогда её у вас не спросит.
""",
}


def subject_and_body(language: str, title: str, name: str, link: str) -> tuple[str, str]:
    """Subject and text in the voter's language, English where there is none."""
    known = language if language in LANGUAGES else "en"
    values = {"title": title, "name": name, "link": link}
    return SUBJECTS[known].format(**values), BODIES[known].format(**values)
