"""What is handed out of a poll: the signed protocol, exports of the result, the archive.

    record     what the verified log says of one poll
    words      that record in one language: headings, tables, bars
    paper      the pieces that a document is made of, and nothing of how they look
    protocol   the pieces drawn on pages
    exports    the result as CSV and JSON
    archive    all of it with the log, as one ZIP
    desk       the service's side: a copy of the log up to the poll's end, signatures, files that are kept

Everything is a function of the log up to the end of the poll's story, so that two runs give the same bytes.
"""
