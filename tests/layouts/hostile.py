"""Names and addresses as they come, and as somebody bent on mischief would write them; the same ones every time."""

import random

from layouts.labels.ship_label import ShipLabel, ShipTo

SSCC = "340123451234567895"

ATTACKS = (
    "^XZ",
    "^xz^xa",
    "~JA",
    "^CC!",
    "^JUF",
    "^XZ~JA^CC!^JUF",
    "^FS^FO0,0^A0N,500,500^FDOWNED^FS",
    "~HS~HQES~JR",
    "^MMT^LL9999^PQ9999",
    "\x1e\x10\x03\x02\x05",
    "a\x00b\x1bc\x7fd\x9be",
    "\\&new line\\(*",
    "_5EXZ_5FXZ_7EJA",
    "_",
    "__5E",
    ">;>8>5>6>:",
    "QA,MM,",
    "! U1 setvar",
    "\u202egnp.exe",
    "\ufeff\u200b\u2060",
    "ＸＺ＾ＸＺ～ＪＡ",
    "\ud800\udfff",
    "\ue000\uf8ff",
)
_LATIN = ("Zoë O’Brien", "Łukasz Wiśniewski", "José María Núñez", "Søren Kjær", "İpek Şahin", "Čapek", "Ľuboš Ďurica")
_OTHERS = (
    "東京都千代田区丸の内一丁目",
    "上海市浦东新区世纪大道100号",
    "서울특별시 강남구 테헤란로 152",
    "شارع الملك فهد 12، الرياض",
    "רחוב דיזנגוף 50, תל אביב",
    "Москва, ул. Ленина, д. 5",
    "Λεωφόρος Αλεξάνδρας 12",
    "กรุงเทพมหานคร",
    "नई दिल्ली",
    "Café 😀👨‍👩‍👧 Zürich 🇩🇪",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L",
)
_LONG = ("x" * 10_000, "Donaudampfschifffahrtsgesellschaft " * 60, "東" * 3_000, "\n" * 5_000 + "end", "^XZ" * 3_000)


def hostile_labels(count: int, seed: int) -> list[ShipLabel]:
    """`count` ship labels that differ, made from `seed`."""
    chance = random.Random(seed)
    return [_label(chance) for _ in range(count)]


def _label(chance: random.Random) -> ShipLabel:
    return ShipLabel(
        sender=tuple(_words(chance) for _ in range(chance.randrange(6))),
        ship_to=ShipTo(
            _words(chance),
            tuple(_words(chance) for _ in range(chance.randrange(7))),
            _words(chance)[:12],
            _words(chance),
            _words(chance),
        ),
        carrier_service=_words(chance),
        order_reference=_words(chance),
        sscc=SSCC,
        carton_number=chance.randrange(1, 40),
        carton_count=chance.choice((None, 40)),
        pieces=chance.randrange(5000),
        weight_g=chance.choice((None, chance.randrange(30_000))),
        reprint_reason=chance.choice((None, "x" + _words(chance))),
    )


def _words(chance: random.Random) -> str:
    kinds = (ATTACKS, _LATIN, _OTHERS, (f"{chance.randrange(1000)} Main St", ""))
    words = [chance.choice(chance.choice(kinds)) for _ in range(chance.randrange(1, 4))]
    if chance.random() < 0.02:
        words.append(chance.choice(_LONG))
    return chance.choice((" ", "", "\n", "\r\n", "\t")).join(words)
