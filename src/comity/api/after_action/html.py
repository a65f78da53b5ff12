"""The report as one HTML file: three languages in it, no script, nothing from anywhere else, and it prints well."""

from collections.abc import Iterator, Sequence
from typing import Final

from markupsafe import escape

from comity.api.after_action.shapes import Drawing, write_svg
from comity.api.after_action.sheet import Block, Heading, Remark, Sheet, Table, lay_out, read_frame
from comity.api.words import LANGUAGE_NAMES, LANGUAGES, get_language
from comity.exercise.report import Report

__all__ = ["write_html"]

_STYLE: Final = """
:root { color-scheme: light; font: 15px/1.5 system-ui, "Noto Sans", "Noto Sans CJK JP", "Noto Sans CJK KR", sans-serif; }
body { margin: 0 auto; max-width: 64rem; padding: 0 1.25rem 3rem; background: #fff; color: #1b1b1b; }
.frame { background: #f5b82e; color: #1c1300; font-weight: 700; letter-spacing: .04em; margin: 0 -1.25rem; padding: .4rem 1.25rem; text-align: center; }
.banner { border-bottom: 2px solid #1b1b1b; font-weight: 600; margin: 0; padding: .3rem 0; text-align: center; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { border-bottom: 1px solid #9aa0a6; font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; font-size: .87rem; margin: .75rem 0; width: 100%; }
th, td { border-bottom: 1px solid #d5d8dc; overflow-wrap: anywhere; padding: .3rem .6rem .3rem 0; text-align: left; vertical-align: top; }
thead th { border-bottom: 1.5px solid #1b1b1b; } tbody th { font-weight: 600; width: 14rem; }
svg { display: block; max-width: 46rem; width: 100%; } svg text { font-family: inherit; }
.choose { margin: 1rem 0; } .choose label { margin-right: 1rem; } section { display: none; }
:root:has(#to-en:checked) #in-en, :root:has(#to-ja:checked) #in-ja, :root:has(#to-ko:checked) #in-ko { display: block; }
@media print {
  @page { margin: 16mm 14mm; size: A4; } body { max-width: none; padding: 0; } .choose { display: none; }
  .frame { margin: 0; -webkit-print-color-adjust: exact; print-color-adjust: exact; } thead { display: table-header-group; }
  tr, svg { break-inside: avoid; } h2 { break-after: avoid; }
  body { display: table; width: 100%; } header { display: table-header-group; } footer { display: table-footer-group; }
}
"""  # noqa: E501 -- a style sheet


def write_html(report: Report, earlier: Sequence[Report] = ()) -> bytes:
    """Write a report, with earlier ones beside it in its plots, as one file; it opens in the language spoken here."""
    frame, language = escape(read_frame(report)), get_language()
    sheets = [lay_out(report, earlier, one) for one in LANGUAGES]
    opened = next(sheet for sheet in sheets if sheet.language == language)
    choices = "".join(
        f'<label><input type="radio" name="language" id="to-{one}"{" checked" if one == language else ""}> '
        f'<span lang="{one}">{LANGUAGE_NAMES[one]}</span></label>'
        for one in LANGUAGES
    )
    page = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(opened.title)}</title><style>{_STYLE}</style></head><body>"
        f'<header><p class="frame">{frame}</p><p class="banner">{escape(opened.banner)}</p></header>'
        f'<p class="choose">{choices}</p>{"".join(map(_write_sheet, sheets))}'
        f'<footer><p class="banner">{escape(opened.banner)}</p><p class="frame">{frame}</p></footer></body></html>\n'
    )
    return page.encode()


def _write_sheet(sheet: Sheet) -> str:
    body = "".join(part for block in sheet.blocks for part in _write(block))
    return f'<section id="in-{sheet.language}" lang="{sheet.language}"><h1>{escape(sheet.title)}</h1>{body}</section>'


def _write(block: Block) -> Iterator[str]:
    match block:
        case Heading(text):
            yield f"<h2>{escape(text)}</h2>"
        case Remark(text):
            yield f"<p>{escape(text)}</p>"
        case Drawing():
            yield write_svg(block)
        case Table(headings, rows):
            yield "<table>"
            if headings:
                yield "<thead><tr>" + "".join(f"<th>{escape(one)}</th>" for one in headings) + "</tr></thead>"
            yield "<tbody>"
            for row in rows:
                first = f"<th>{escape(row[0])}</th>" if not headings else f"<td>{escape(row[0])}</td>"
                yield f"<tr>{first}" + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:]) + "</tr>"
            yield "</tbody></table>"
