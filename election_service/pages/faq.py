"""Questions and answers of the help page, by heading."""

from typing import Final

from election_service.languages import translatable

QUESTIONS: Final = (
    (
        translatable("Voting"),
        (
            (
                translatable("How do I vote?"),
                translatable(
                    "Open the personal link in the mail from the committee, press Start, choose in each contest, look "
                    "at your choices once more, and cast. It takes about two minutes. You need no account and no app."
                ),
            ),
            (
                translatable("Can I change my vote afterwards?"),
                translatable(
                    "No. You vote once in each contest. Until you press Cast you can go back and change everything; "
                    "after that it is final."
                ),
            ),
            (
                translatable("Do I have to vote in every contest?"),
                translatable(
                    "No. Each contest is separate: you can leave any of them for later, until the poll closes, "
                    "or leave it out. If you want to take part without choosing anybody, choose the blank vote."
                ),
            ),
            (
                translatable("Can somebody find out how I voted?"),
                translatable(
                    "No. Your device encrypts your choice before it is sent, and it is sent without your name. Ballots "
                    "are opened only as a sum, by several trustees together. Your tracking code does not show your "
                    "choice either."
                ),
            ),
            (
                translatable("Somebody wants to watch me vote, or to buy my vote. What can I do?"),
                translatable(
                    "Nobody may do that. Vote when you are alone; your receipt does not prove how you voted. "
                    "Tell the committee, with the form below if you like. You need not give your name."
                ),
            ),
        ),
    ),
    (
        translatable("If something goes wrong"),
        (
            (
                translatable("I have got no mail."),
                translatable(
                    "Look into the spam folder of your university address. If it is not there, use the page “send my "
                    "link again”. If that does not help, go to the committee with your student card."
                ),
            ),
            (
                translatable("I have lost my link, or somebody else has seen it."),
                translatable(
                    "Tell the committee at once. As long as no ballot token was handed out in your name it can "
                    "replace your link, and the old one is then worth nothing."
                ),
            ),
            (
                translatable("I got a mail that a ballot token was handed out in my name, but it was not me."),
                translatable(
                    "Then somebody has used your link. Tell the committee at once, before the poll closes, and keep "
                    "the mail."
                ),
            ),
            (
                translatable("My connection broke, or my phone was empty, while I was voting."),
                translatable(
                    "Open the same link again, on this device or another. It goes on where you were. A ballot that "
                    "was cast is never counted twice, however often it is sent."
                ),
            ),
            (
                translatable("The page says that my browser is too old, or that it needs JavaScript."),
                translatable(
                    "Your device has to encrypt the ballot, and that needs a browser from 2021 or newer with "
                    "JavaScript. Open the link on another device, or use a computer of the library."
                ),
            ),
            (
                translatable("The poll closed while I was voting."),
                translatable(
                    "What you had cast before the close counts, and you have a tracking code for it. What was not "
                    "cast by then does not count."
                ),
            ),
            (
                translatable("My tracking code is not in the list."),
                translatable(
                    "While the poll is open, ballots appear in groups, some hours later. If it is still missing "
                    "after the close, keep your receipt and tell the committee: the receipt is signed, so it proves "
                    "that your ballot was taken."
                ),
            ),
            (
                translatable("A contest is missing on my ballot, or I should not have one that is there."),
                translatable(
                    "The ballot follows the roll: faculty, department and year as the university had them on the day "
                    "when the roll was frozen. Ask the committee before the poll opens."
                ),
            ),
        ),
    ),
    (
        translatable("After the vote"),
        (
            (
                translatable("When is there a result?"),
                translatable(
                    "After the close there is some time to check the list of ballots; then the trustees open the sum. "
                    "The result is declared on the results page, and certified after the time for complaints."
                ),
            ),
            (
                translatable("I think that the result is wrong. What can I do?"),
                translatable(
                    "Check it yourself, or ask somebody who can: everything is public. Whoever could vote can file a "
                    "complaint with the ballot link while complaints are heard; it then stands in the public log, and "
                    "the committee has to answer it."
                ),
            ),
        ),
    ),
)
