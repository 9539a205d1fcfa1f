"""A group as an e-mail: text, the same as HTML with pictures, and headers that thread."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from wane.alert.message import News
from wane.alert.notify.wording import clean, cut, facts, link_of, title
from wane.detect.severity import Severity

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from jinja2 import Template

    from wane.alert.message import Group, Message

LONGEST_SUBJECT = 200
LONGEST_FACT = 2_000
PNG = b"\x89PNG"
COLORS = {Severity.INFO: "#2f6fde", Severity.WARNING: "#c77700", Severity.CRITICAL: "#c62828"}
OVER = "#2e7d32"


def mail_of(group: Group, sender: str, recipients: Iterable[str], now: dt.datetime) -> EmailMessage:
    """A mail to all recipients.

    Its `Message-ID` is the same each time the group is sent, and it refers to its alerts, so that
    mail programs show the end of an alert beneath its begin.

    Args:
        group: What to tell.
        sender: An address such as "wane@example.org".
        recipients: The same.
        now: Date of the mail.
    """
    domain = Address(addr_spec=sender).domain
    references = [f"<{message.fingerprint}.{_began(message)}@{domain}>" for message in group.top]
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = subject_of(group)
    mail["From"] = Address("wane", addr_spec=sender)
    mail["To"] = [Address(addr_spec=recipient) for recipient in recipients]
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{group.id}.wane@{domain}>"
    mail["In-Reply-To"] = references[0]
    mail["References"] = " ".join(references)
    mail["Auto-Submitted"] = "auto-generated"  # nobody's holiday notice answers it (RFC 3834)
    mail.set_content(_text(group))
    pictures = {f"{message.id}@{domain}": message.picture for message in group.top}
    mail.add_alternative(_html(group, domain), subtype="html")
    _, html = mail.iter_parts()
    for name, picture in pictures.items():
        if picture is not None and isinstance(html, EmailMessage):
            kind = "png" if picture.startswith(PNG) else "svg+xml"
            html.add_related(picture, "image", kind, cid=f"<{name}>", disposition="inline")
    return mail


def subject_of(group: Group) -> str:
    """One line, whatever the names in it are."""
    alone = len(group.messages) == 1
    text = cut(title(group.messages[0]) if alone else group.headline, LONGEST_SUBJECT)
    # Python decodes what looks like an encoded word, and a line's end in it would be a new header.
    return text.replace("=?", "= ?")[:LONGEST_SUBJECT]


def _began(message: Message) -> int:
    return int(message.started.timestamp())


def _text(group: Group) -> str:
    parts = [] if len(group.messages) == 1 else [clean(group.headline), ""]
    for message in group.top:
        parts.append(title(message))
        parts += [f"{heading}: {text}" for heading, text in _facts(message)]
        parts += [link for link in [link_of(message)] if link]
        parts.append("")
    return "\n".join([*parts, group.rest]).rstrip() + "\n"


def _html(group: Group, domain: str) -> str:
    parts = [
        {
            "title": title(message),
            "facts": _facts(message),
            "link": link_of(message),
            "color": OVER if message.state is News.RESOLVED else COLORS[message.severity],
            "picture": f"{message.id}@{domain}" if message.picture else None,
        }
        for message in group.top
    ]
    return _template().render(
        heading=subject_of(group),
        heading_needed=len(group.messages) > 1,
        parts=parts,
        rest=group.rest,
    )


def _facts(message: Message) -> list[tuple[str, str]]:
    return [(heading, cut(text, LONGEST_FACT)) for heading, text in facts(message)]


@cache
def _template() -> Template:
    made = Environment(
        loader=PackageLoader("wane.alert.notify"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return made.get_template("mail.html.j2")
