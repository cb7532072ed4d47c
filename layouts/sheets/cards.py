"""What stands on the cards of a site: badges, totes, locations, command cards and items."""

from layouts.sheets.card_page import Card


def badge_card(code: str, worker_name: str, role: str) -> Card:
    """A worker's badge. Raises ValueError as `Card` does."""
    return Card(code, worker_name, role)


def tote_card(barcode: str, tote: str) -> Card:
    """A card for a tote that has lost its label. Raises ValueError as `Card` does."""
    return Card(barcode, tote, "tote")


def cubby_card(barcode: str, label: str, wall: str) -> Card:
    """A cubby of a put wall, by the name that sorters see in large. Raises ValueError as `Card` does."""
    return Card(barcode, label, f"cubby of wall {wall}")


def location_card(barcode: str, location: str, zone: str, check_digits: str) -> Card:
    """A location and the two digits that may be typed for it, not in the bars. Raises ValueError as `Card` does."""
    return Card(barcode, f"{location} [{check_digits}]", f"zone {zone}, check digits {check_digits}")


def cart_card(barcode: str, position: str, cart: str) -> Card:
    """A position of a picking cart. Raises ValueError as `Card` does."""
    return Card(barcode, position, cart)


def command_card(code: str, command: str, explanation: str) -> Card:
    """A command that is scanned in place of a key, such as SHORT. Raises ValueError as `Card` does."""
    return Card(code, command, explanation)


def item_card(ean: str, name: str, item_code: str) -> Card:
    """An item's EAN-13. Raises ValueError for a wrong check digit, which is never repaired."""
    return Card(ean, name, item_code, "ean13")
