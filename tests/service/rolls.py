"""Small rolls as CSV: one good row, changed where a test says so."""

HEADER = "student_id,full_name,email,faculty,department,level,year,status,disciplinary,language"
GOOD = "001,Ana B,ana@example.edu,Law,Civil Law,bachelor,2,active,,ka"


def table(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows]).encode()


def row(**changes: str) -> str:
    names = HEADER.split(",")
    return ",".join(changes.get(name, value) for name, value in zip(names, GOOD.split(","), strict=True))
