"""Sample certificates and powers of attorney: one page of PDF each, written by hand so that the bytes never change."""

from __future__ import annotations

from typing import Any


def pdf(title: str, lines: list[str]) -> bytes:
    """Return an A4 page: SAMPLE across it, a title, lines of Latin text."""
    page = [
        "q 0.88 g BT /F1 150 Tf 0.7071 0.7071 -0.7071 0.7071 130 180 Tm (SAMPLE) Tj ET Q",
        "BT /F1 20 Tf 60 770 Td (" + escaped(title) + ") Tj ET",
        "BT /F2 11 Tf 60 735 Td 17 TL",
        *[f"({escaped(line)}) Tj T*" for line in lines],
        "ET",
    ]
    stream = "\n".join(page).encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    data, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (size, table, end)


def escaped(text: str) -> str:
    """Escape what means something inside a PDF string; letters beyond Latin-1 become question marks."""
    plain = text.encode("latin-1", "replace").decode("latin-1")
    return plain.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def certificate(right: dict[str, Any]) -> bytes:
    """Return the certificate of one entry of ``[[rights]]``."""
    shown = ("number", "mark", "classes", "goods", "owner", "filed_on", "registered_on", "expires_on", "designations")
    lines = [f"{key.replace('_', ' ').capitalize()}: {right[key]}" for key in shown if key in right]
    kind = right["type"].replace("_", " ").capitalize()
    return pdf(f"{right['office']} - {kind}", [*lines, "", "A sample for trying jikimi. No office issued this paper."])


def power_of_attorney(power: dict[str, Any]) -> bytes:
    """Return the paper of one entry of ``[[powers_of_attorney]]``."""
    where = ", ".join(power.get("countries", [])) or "all countries"
    lines = [
        f"{power['grantor']} empowers {power['agent']}",
        f"to report infringements of its rights to online marketplaces in {where}.",
        f"Signed on {power['signed_on']}; valid until {power.get('expires_on', 'revoked')}.",
        "",
        "A sample for trying jikimi. Nobody signed this paper.",
    ]
    return pdf("Power of attorney", lines)
