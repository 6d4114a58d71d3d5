"""What the demo's election and its candidates say, in four languages. Everything is invented."""

from __future__ import annotations

from typing import Final

from election_service.api_types import ElectionTexts
from election_service.demo.university import Draws
from election_service.presentation import Presentation

PRESENTATION: Final = Presentation(
    texts={
        "en": ElectionTexts(
            title="Student self-governance 2026",
            intro="A made-up university elects its student self-governance: a head for everybody, and heads of "
            "faculties, departments and classes.\n\nThe people are invented. The votes are not: they are encrypted, "
            "counted and checked as in any other election.",
        ),
        "ka": ElectionTexts(
            title="სტუდენტური თვითმმართველობა 2026",
            intro="გამოგონილი უნივერსიტეტი ირჩევს სტუდენტურ თვითმმართველობას: საერთო ხელმძღვანელს და ფაკულტეტების, "
            "დეპარტამენტებისა და კურსების ხელმძღვანელებს.\n\nადამიანები გამოგონილია, ხმები კი ნამდვილი: ისინი "
            "იშიფრება, ითვლება და მოწმდება ისევე, როგორც ნებისმიერ სხვა არჩევნებზე.",
        ),
        "az": ElectionTexts(
            title="Tələbə özünüidarəsi 2026",
            intro="Uydurma bir universitet tələbə özünüidarəsini seçir: hamı üçün bir rəhbər, həmçinin fakültə, "
            "kafedra və qrup rəhbərləri.\n\nİnsanlar uydurmadır, səslər isə həqiqidir: istənilən başqa seçkidə olduğu "
            "kimi şifrələnir, sayılır və yoxlanılır.",
        ),
        "ru": ElectionTexts(
            title="Студенческое самоуправление 2026",
            intro="Вымышленный университет выбирает студенческое самоуправление: общего руководителя и руководителей "
            "факультетов, кафедр и групп.\n\nЛюди вымышлены, а голоса настоящие: их шифруют, считают и проверяют, как "
            "на любых других выборах.",
        ),
    },
    contact="committee@example.edu",
    zone="Asia/Tbilisi",
)

Sentence = dict[str, str]  # language → text

_OPENINGS: Final[tuple[Sentence, ...]] = (
    {
        "en": "I promise little, and that I will do.",
        "ka": "ცოტას გპირდებით, მაგრამ იმას შევასრულებ.",
        "az": "Az vəd verirəm, amma verdiyimi yerinə yetirəcəyəm.",
        "ru": "Обещаю немного, но это выполню.",
    },
    {
        "en": "Ask me anything in the corridor; I answer.",
        "ka": "დერეფანში რაც გინდათ მკითხეთ, გიპასუხებთ.",
        "az": "Dəhlizdə məndən istədiyinizi soruşun, cavab verəcəyəm.",
        "ru": "Спрашивайте меня в коридоре о чём угодно: я отвечу.",
    },
    {
        "en": "You know me from the student club.",
        "ka": "სტუდენტური კლუბიდან მიცნობთ.",
        "az": "Məni tələbə klubundan tanıyırsınız.",
        "ru": "Вы знаете меня по студенческому клубу.",
    },
    {
        "en": "This month many of you told me what is missing.",
        "ka": "ამ თვეში ბევრმა მითხრა, რა გვაკლია.",
        "az": "Bu ay çoxunuz mənə nəyin çatmadığını dediniz.",
        "ru": "В этом месяце многие рассказали мне, чего не хватает.",
    },
)
_AIMS: Final[tuple[Sentence, ...]] = (
    {
        "en": "The library should be open until midnight before exams.",
        "ka": "გამოცდების წინ ბიბლიოთეკა შუაღამემდე უნდა მუშაობდეს.",
        "az": "İmtahanlardan əvvəl kitabxana gecə yarısına qədər açıq olmalıdır.",
        "ru": "Перед экзаменами библиотека должна работать до полуночи.",
    },
    {
        "en": "Exam dates should be known a month before.",
        "ka": "გამოცდების თარიღები ერთი თვით ადრე უნდა ვიცოდეთ.",
        "az": "İmtahan tarixləri bir ay əvvəl bilinməlidir.",
        "ru": "Даты экзаменов должны быть известны за месяц.",
    },
    {
        "en": "One warm meal a day at a price that a student can pay.",
        "ka": "დღეში ერთი ცხელი კერძი სტუდენტისთვის ხელმისაწვდომ ფასად.",
        "az": "Gündə bir isti yemək, tələbənin ödəyə biləcəyi qiymətə.",
        "ru": "Одно горячее блюдо в день по цене, доступной студенту.",
    },
    {
        "en": "A late bus to the hostels, also on Sundays.",
        "ka": "გვიანი ავტობუსი საერთო საცხოვრებლებამდე, კვირასაც.",
        "az": "Yataqxanalara gec avtobus, bazar günləri də.",
        "ru": "Поздний автобус до общежитий, в том числе по воскресеньям.",
    },
    {
        "en": "Every lecture hall needs sockets and a network that works.",
        "ka": "ყველა აუდიტორიას სჭირდება როზეტები და გამართული ინტერნეტი.",
        "az": "Hər auditoriyada rozetka və işləyən internet olmalıdır.",
        "ru": "В каждой аудитории нужны розетки и работающая сеть.",
    },
    {
        "en": "Clubs should get their money in autumn, not in spring.",
        "ka": "კლუბებმა თანხა შემოდგომაზე უნდა მიიღონ და არა გაზაფხულზე.",
        "az": "Klublar pulu yazda yox, payızda almalıdır.",
        "ru": "Клубы должны получать деньги осенью, а не весной.",
    },
    {
        "en": "What the self-governance spends should be published every month.",
        "ka": "თვითმმართველობის ხარჯები ყოველთვე უნდა ქვეყნდებოდეს.",
        "az": "Özünüidarənin xərcləri hər ay dərc olunmalıdır.",
        "ru": "Расходы самоуправления нужно публиковать каждый месяц.",
    },
    {
        "en": "A language table every Thursday: bring a friend and a word.",
        "ka": "ენების მაგიდა ყოველ ხუთშაბათს: მოიყვანეთ მეგობარი და მოიტანეთ ერთი სიტყვა.",
        "az": "Hər cümə axşamı dil masası: bir dost və bir söz gətirin.",
        "ru": "Языковой стол каждый четверг: приводите друга и приносите слово.",
    },
)


def statement(draws: Draws) -> Sentence:
    """What one candidate says: an opening and two aims, in every language the same."""
    opening = _OPENINGS[draws.below(len(_OPENINGS))]
    first, second = draws.shuffled(_AIMS)[:2]
    return {language: f"{opening[language]}\n\n{first[language]} {second[language]}" for language in opening}
