// What the booth says, by name. In the program, and in the texts as they are built, a number stands for each of these names,
// which saves room; texts that are looked up by a code, a zone or a unit keep their names (build.mjs, docs/adr/0008).

export const enum Key {
  vote = 1, rehearsal, testMode, help, contact, program, start, again, stepsTitle, stepChoose, stepSeal, stepCast, once,
  interrupted, closesAt, opensAt, timeLeft, timeUntil, unknownTime, notYetTitle, notYetText, pausedTitle, pausedText,
  closedTitle, closedText, noPollTitle, noPollText, electionPage, resultPage, checkPage, codeTitle, codeTotp,
  codeEmail, codeAgain, codeLabel, sixDigits, logIn, newCode, loading, loadingText, progress, chooseOne,
  chooseExactly, chooseUpTo, chooseBetween, orBlank, noChoice, randomOrder, chosenOf, photoOf, about, resumed, next,
  back, review, later, needChoice, tooMany, tooFew, reviewTitle, reviewText, change, voteNow, fewer, blankNote,
  nothingChosen, nothingNote, leftForLater, laterUntil, allLater, seal, sealNote, sealing, sealingText, sealedTitle,
  sealedText, notSealedTitle, tracker, fullTracker, cast, castNote, auditTitle, auditText, auditHide, auditNote,
  audit, auditQr, auditedTitle, auditedText, auditedQr, auditPage, auditFile, auditWrong, sealAgain, sealAgainText,
  testEnd, casting, castingText, receiptTitle, receiptPartly, receiptBefore, receiptLater, receiptText, receiptFound,
  thanks, wasCast, notYours, qr, download, check, print, finish, finishText, evidence, kept, retry, tryIn,
  complaintOffer, complaintTitle, complaintText, complaintPoll, complaintUntil, complaintNone, complaintLink,
  complaintLinkText, complaintLabel, complaintSend, complaintEmpty, complaintBack,
  complaintSending, complaintSendingText, complaintDone, complaintEntry, problemTitle, alarmTitle, linkAgain,
}
