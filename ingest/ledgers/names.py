"""Whether a payee's name has the form of a person's.

Each word is looked up, and the row of their kinds is matched. `JANE EXAMPLE (DP)` loses its addition, becomes
`G?` (a given name, and a word that nothing is known of), and that row is one of `FORMS`. Words come from two
lists: `person_names.csv`, names of many countries (`docs/decisions.md` says from where), and `payees.yml`,
names that it lacks, words that are no names, and words of organisations.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from commissioning.base.errors import LedgerError
from commissioning.base.yamls import read_yaml
from commissioning.ingest.ledgers.bodies import lists_folder

KINDS = {
    "G": "a given name of these islands, or one that payees.yml adds",
    "W": "a given name from the lists of the world",
    "g": "a given name that is a word too (Hope, Blessing)",
    "p": "a given name that houses, streets and parks are called by (Rose, Victoria)",
    "S": "a surname",
    "s": "a common surname that is an ordinary or an organisation's word too (White, West)",
    "o": "an ordinary word that some are called by (Major, Link)",
    "b": "a surname that houses and places end in (Hall, Park)",
    "F": "a surname from elsewhere (Okafor, Nowak)",
    "l": "a little word within a surname (de, van, al)",
    "I": "one letter",
    "J": "two letters that are no word: initials, perhaps",
    "A": "& or and",
    "O": "an ordinary word, an organisation's word or a number: no person's name",
    "?": "a word that nothing is known of",
}
_GIVEN = "[GWp]"
_SURNAME = "[GWpSsobF?]"
_OTHER = "[GWgpSsF?lIJ]"
FORMS = {
    # J EXAMPLE, A B EXAMPLE, A & C D EXAMPLE, J EXAMPLE & B
    "initials, surname": rf"^(?:I{{1,2}}A)?I{{1,2}}l*{_SURNAME}[SF?]?$|^I{{3,4}}l*[GWpSF]$"
    r"|^J(?:AJ)?l*[GWpSF?][SF?]?$|^[Jl]I{1,2}$|^I{1,2}l$|^I{1,2}[GWpSF?]A(?:I{1,2}|J)$",
    # EXAMPLE J, EXAMPLE JA & BM, VAN DER EXAMPLE A
    "surname, initials": rf"^l*{_SURNAME}[SF?]?(?:I{{1,2}}|[Jl])(?:A(?:I{{1,2}}|J))?$"
    r"|^l*[GWpSF]{1,2}I{3}$",
    # JANE EXAMPLE, EXAMPLE JANE, JANE A EXAMPLE, JANE MARY EXAMPLE, JANE DE LA EXAMPLE
    "given name, surname": rf"^{_OTHER}{{1,4}}{_GIVEN}{_OTHER}{{0,3}}$|^{_GIVEN}{_OTHER}{{1,4}}$",
    # JANE LINK, JANE HALL, HALL JANE: the word is taken for a surname beside a well-known given name alone.
    "given name, word": r"^[IJ]?G[GSIJ]?[ob]$|^[ob][?SF]?G[GIJ]?$|^op$",
    # JANE & JOHN EXAMPLE, JANE EXAMPLE & J
    "two people": rf"^{_OTHER}{{0,2}}{_GIVEN}{_OTHER}{{0,2}}A"
    rf"(?:{_GIVEN}{_OTHER}{{0,2}}[SsobF?]?|I{{1,2}}{_OTHER}?)$",
    # HOPE EXAMPLE, where Example is a surname and nothing else
    "name that is a word, surname": r"^[gp]I?[SF]{1,2}$|^[SF][gp]$",
    # Surnames from elsewhere stand in no name of a place or firm of these islands.
    "surname from elsewhere": r"^l?[?GWgpSF][IJl]?(?:[?GWgpSF][IJl]?)?F$"
    r"|^l?F[IJl]?[?GWgpF](?:[IJl]?[?GWgpSF])?$",
}


IN_A_LABEL = r"^(?:GI?G?[SF]{1,2}|[SF]GI?|I{1,2}[SF]|[SF]I{1,2})$"
"""Of these forms, those that are taken for a person in a label, whose words are rarely names."""


@cache
def lists() -> dict:
    """`payees.yml`: the words by which a payee is known for a person or an organisation."""
    needs = (
        "given_names", "more_given_names", "surname_forms", "place_names", "ordinary", "soft_surnames",
        "word_names", "never", "place_surnames", "particles", "titles", "honours", "practices",
        "before", "after", "parting", "address", "label_leads", "label_words", "label_terms", "forms",
        "redacted", "masked", "public_body", "organisation", "organisations",
    )  # fmt: skip
    return read_yaml(lists_folder() / "payees.yml", LedgerError, "The list of payees", needs=needs)


def whole_words(words: list[str]) -> str:
    return r"(?:^|[^A-Z0-9])(?:" + "|".join(words) + r")(?:$|[^A-Z0-9])"


def given_names() -> frozenset[str]:
    """The given names of these islands, in capitals."""
    return frozenset(lists()["given_names"].split())


@cache
def _known_words() -> pl.DataFrame:
    """`word` and its `kind`, where a list has it."""
    data = lists()
    named = dict(pl.read_csv(lists_folder() / "person_names.csv", glob=False).iter_rows())
    kinds = {"given": "W", "common": "S", "surname": "S", "elsewhere": "F"}
    known = {word: kinds[kind] for word, kind in named.items()}
    known |= dict.fromkeys(data["more_given_names"].split(), "G") | dict.fromkeys(given_names(), "G")
    for word in data["ordinary"].split():
        known[word] = "s" if named.get(word) == "common" else "o" if word in named else "O"
    words = pl.Series(list(known))
    of_organisations = words.str.contains(whole_words(data["organisation"] + data["public_body"]))
    known |= dict.fromkeys(words.filter(of_organisations), "O")
    for key, kind in (
        ("word_names", "g"),
        ("place_names", "p"),
        ("particles", "l"),
        ("soft_surnames", "s"),
        ("place_surnames", "b"),
    ):
        known |= dict.fromkeys(data[key].split(), kind)
    return pl.DataFrame({"word": list(known), "known": list(known.values())})


def plain(name: pl.Expr) -> pl.Expr:
    """In capitals without accents, with single spaces."""
    return (
        name.str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.to_uppercase()
        .str.replace_all("[’`´]", "'")
        .str.replace_all(r"[\s_]+", " ")
        .str.strip_chars()
    )


_EMAIL = r"[^\s,;:()<>/]+@[^\s,;:()<>/]+\.[^\s,;:()<>/]+"
_PHONE = r"(?:\+44|\b0)(?:[ ()-]?\d){9,10}\b"
_POSTCODE = r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"


def bare(name: pl.Expr) -> pl.Expr:
    """A plain name without what ledgers add to it: (DP), C/O ..., EXORS OF, DECD, an address, a number.

    Of an e-mail address that stands alone, what is before the @.
    """
    data = lists()
    before = rf"^[( ]*(?:(?:{'|'.join(data['before'])})[ :./)-]*\b)+"
    after = rf"(?:'S)?(?:[ ,(/*-]+(?:{'|'.join(data['after'])})[). ]*)+$"
    places = "|".join(data["address"])
    address = (
        rf"^(.{{4,}}?)[ ,]+(?:(?:FLAT|APARTMENT|APT|UNIT|NO\.?) ?\d.*"
        rf"|\d+[A-Z]?[ ,]+(?:[^,]* )?(?:{places})\b.*)$"
    )
    house = rf"^(.{{4,}}?),(?:[^,]*\b(?:{places})\b.*|.*{_POSTCODE}.*)$"
    cut = rf"^(.{{4,}}?)(?: /|/ |/[A-Z]{{3}}| ?\(| - | (?:{'|'.join(data['parting'])})\b).*$"
    alone = name.str.extract(r"^([^@\s]+)@\S+$").str.replace_all(r"[._+\d-]+", " ")
    whole = pl.coalesce(alone, name.str.replace_all(_EMAIL, " ").str.replace_all(_PHONE, " "))
    whole = whole.str.replace_all(r"[\s,]+$", "").str.replace(address, "$1").str.replace(house, "$1")
    whole = whole.str.replace(rf"[ ,]+{_POSTCODE}$", "")
    whole = whole.str.replace(before, "").str.replace(after, "").str.replace(cut, "$1").str.replace(after, "")
    return whole.str.strip_chars(" ,.-:;")


@cache
def kinds_of_words() -> dict[str, str]:
    """`KINDS` by word, where a list has the word."""
    return dict(_known_words().iter_rows())


@cache
def common_surnames() -> frozenset[str]:
    """The common surnames of five letters and more that are no word besides."""
    named = pl.read_csv(lists_folder() / "person_names.csv", glob=False)
    known = kinds_of_words()
    common = named.filter(pl.col("kind") == "common")["word"]
    return frozenset(word for word in common if len(word) >= 5 and known[word] == "S")


def surnames(words: pl.Series) -> pl.Series:
    """Whether each plain text is one word that is a surname, perhaps, and no ordinary word."""
    return words.is_in([word for word, kind in kinds_of_words().items() if kind in "SFW" and len(word) > 3])


@cache
def _joined() -> tuple[frozenset[str], frozenset[str]]:
    """Given names and surnames that may be written as one word."""
    known = kinds_of_words()
    given = {word for word, kind in known.items() if kind == "G"}
    return frozenset(given), frozenset(word for word, kind in known.items() if kind in "SF" and len(word) > 4)


def run_together(word: str) -> bool:
    """Whether a word is a surname with an initial or a given name: JEXAMPLE, JANEEXAMPLE."""
    if word in kinds_of_words():
        return False
    common, (given, surnames) = common_surnames(), _joined()
    # SMITHS, SMITHY and SMITHE are words of their own.
    return (
        word[1:] in common
        or (word[:-1] in common and word[-1] not in "SYE")
        or any(word[:at] in given and word[at:] in surnames for at in range(3, len(word) - 4))
    )


def of_people(names: pl.Series, forms: str = "|".join(FORMS.values())) -> pl.Series:
    """Whether each plain name has the form of a person's."""
    organisation = whole_words(lists()["organisation"] + lists()["public_body"])
    surname_forms = rf"^(?:{'|'.join(lists()['surname_forms'])})"
    never = rf"(?:^|[^A-Z])(?:{'|'.join(lists()['never'])})"
    # No name begins with THE, but for that of somebody who has died.
    after_late = pl.col("name").str.replace(r"^THE LATE ", "")
    words = (
        pl.LazyFrame({"name": names.unique()})
        .with_columns(
            bare(pl.col("name"))
            .str.replace_all("&", " & ")
            .str.extract_all(r"[A-Z0-9][A-Z0-9']*|[&*]")
            .alias("word")
        )
        .filter(pl.col("word").list.len().is_between(2, 8) & ~after_late.str.contains(never))
        .explode("word")
        .collect()
    )
    word = pl.col("word")
    kinds = (
        words.select(word.unique())
        .join(_known_words(), on="word", how="left")
        .with_columns(
            pl.when(word.is_in(["&", "AND"]))
            .then(pl.lit("A"))
            .when(word.str.contains("^[A-Z]$"))
            .then(pl.lit("I"))
            .when(pl.col("known").is_not_null())
            .then("known")
            .when(word.str.contains(organisation) | word.str.contains(r"[\d*]|'[A-Z]?$"))
            .then(pl.lit("O"))
            .when(word.str.contains(surname_forms))
            .then(pl.lit("F"))
            .when(word.str.len_chars() == 2)
            .then(pl.lit("J"))
            .otherwise(pl.lit("?"))
            .alias("kind")
        )
    )
    rows = (
        words.join(kinds, on="word", how="left", maintain_order="left")
        .group_by("name", maintain_order=True)
        .agg(pl.col("kind").str.join(""))
    )
    people = rows.filter(pl.col("kind").str.contains(forms))["name"]
    return names.is_in(people.implode())


def apart(name: pl.Expr) -> pl.Expr:
    """JaneExample as two words, where a name is that and nothing else."""
    return name.str.replace(r"^\s*([A-Z][a-z]{2,})([A-Z][a-z]{3,})\s*$", "$1 $2")


def single_words(names: pl.Series) -> pl.Series:
    """Whether each plain name is a person's written as one word."""
    words = pl.DataFrame({"name": names.unique()}).with_columns(bare(pl.col("name")).alias("bare"))
    words = words.filter(pl.col("bare").str.contains("^[A-Z]{6,}$"))
    return names.is_in([name for name, word in words.iter_rows() if run_together(word)])
