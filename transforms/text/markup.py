"""Takes remnants of markup out of text: tags, entities, style sheets, scripts, shortcodes and template placeholders.

Only what is certainly markup counts: a tag must have a name that HTML knows and well-formed attributes, so that
"a < b and c > d" and "<name@example.org>" survive. Every scan is linear in the length of the text.
"""

from __future__ import annotations

import html
import re

from bs4 import BeautifulSoup


def _words(text: str) -> tuple[str, ...]:
    """Return the words of a list that is written as text."""
    return tuple(text.split())


_BLOCKS = _words("""
    address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 head header hr html legend li link main menu meta nav ol p pre section summary table
    tbody td tfoot th thead title tr ul
""")
"""Elements whose beginning and end separate paragraphs."""

_DROPPED = _words("script style noscript template iframe object svg button select textarea audio video canvas map")
"""Elements whose content is not text of the article."""

_INLINE = _words("""
    a abbr acronym amp-ad amp-embed amp-iframe amp-img amp-video b bdi bdo big cite code data del dfn em embed font
    i img input ins kbd label mark nobr o:p option param picture q s samp small source span strike strong sub sup
    time tt u var wbr
""")

_MAX_DROPPED_TAGS = 2_000
"""Remnants have a few such tags. With more than this the text is hostile: only the tags go, their content stays."""

_NAMES = "|".join(sorted({*_BLOCKS, *_DROPPED, *_INLINE}, key=len, reverse=True))

_TAG = re.compile(
    rf"<(?P<end>/?)(?P<name>{_NAMES})(?![\w:-])"
    r"(?:\s*+[a-z_:@][\w:.@-]{0,100}+(?:\s*+=\s*+(?:\"[^\"<>]*+\"|'[^'<>]*+'|\"[^\"]{0,2000}+\"|'[^']{0,2000}+'"
    r"|[^\s\"'<>=]++)|(?=\s*+/?+>)))*+\s*+/?+>",
    re.IGNORECASE,
)
"""A well-formed tag: attributes need a value, but for a last one such as `async`. Quantifiers are possessive, so that a
tag that never ends is given up at once."""

_ENTITY = re.compile(
    r"&(?:(?:amp|#38|#x26);)*+(?:(?P<bare>nbsp)(?![\w;=])"
    r"|(?P<name>#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)"
)
"""An entity with its semicolon, escaped any number of times (`&amp;amp;nbsp;`)."""

_SIGN = re.compile(r"<[/!?a-zA-Z]|&[#a-zA-Z]|\[/?[a-zA-Z_]|[{}]|%[}>]|<[-\u2013]|/[/*]")
"""Any of these may begin markup; a text without them is left alone."""

_SHORTCODE_NAMES = (
    "audio caption embed embedtweet facebook gallery googlemaps iframe instagram playlist pullquote slideshow "
    "soundcloud tweet twitter video vimeo wpvideo youtube"
)

_SHORTCODE_LINK = re.compile(
    r"\[(embed|youtube|vimeo|tweet|iframe)\b[^\[\]]{0,500}\]\s*+https?://[^\s\[\]]++\s*+\[/\1\]", re.IGNORECASE
)
_SHORTCODE = re.compile(
    rf"\[/?(?:{'|'.join(_SHORTCODE_NAMES.split())})(?:[ =][^\[\]]{{0,1000}})?/?\]"
    r"|\[/?[a-z][a-z0-9]*+(?:_[a-z0-9]++)++(?: [^\[\]]{0,1000})?/?\]|\[/[a-z][a-z0-9-]{2,30}\]"
    r"|\[[a-z][a-z0-9-]* +[a-z_-]+=(?:\"[^\[\]]{0,1000}|'[^\[\]]{0,1000}|\d+ ?/?)\]",
)
"""WordPress shortcodes: known names, names with an underscore (`[vc_row]`), and any name with an attribute. "[sic]",
"[the president]" and "[1]" are none."""

_PLACEHOLDER = re.compile(r"\{\{[^{}\n]{0,200}\}\}|\{%[^{}\n]{0,200}%\}|\$\{[\w.\s]{1,80}\}|<%[^<>\n]{0,200}%>")
"""Template placeholders: `{{free_limit}}`, `{% if user %}`, `${name}`, `<%= title %>`."""

_STYLE = re.compile(
    r"(?:(?<=\s)|(?<=\})|^)[@.#*]?[a-zA-Z][\w.#:>,\- ]{0,200}+\{"
    r"(?:\s*+[a-z-]{2,40}\s*+:[^:;{}\n]{1,200}+(?:;|(?=\s*+\})))++\s*+\}"
    r"|/\*[^*\n]{0,500}\*/",
    re.MULTILINE,
)
"""CSS rules, `.ad { margin: 0; }`, and CSS or script comments."""

_SCRIPT_LINE = re.compile(
    r"\s*(?:"
    r"(?:var|let|const) [\w$]{1,60} ?=.*[;{\[(]"
    r"|(?:window|document|googletag|jQuery|_?gaq|dataLayer|fbq|OBR|_taboola)\b ?[.\[(=].*[;{}(),]"
    r"|\(?function ?[\w$]{0,60}\([\w$, ]{0,100}\) ?\{(?:.*[;{}(),])?"
    r"|\}\)?\(.*\);?"
    r"|if ?\((?:typeof|window|document|!).*[{;}]"
    r"|[\w$.]{1,80}\.(?:push|cmd|async|src|appendChild|addEventListener)\b ?[(=.].*[;{}(]"
    r"|[\[\](); ,]*+[{}][{}\[\](); ,]*+"
    r"|\{\"[\w$-]{1,60}\" ?:.*\}(?: ?hidden ad unit)?"
    r"|(?://)? ?<!\[CDATA\[.*|//[ -]*(?:\]\]|[-\u2013]+)>|<!-*[\u2013-]?"
    r")\s*",
    re.IGNORECASE,
)
"""A whole line of JavaScript or JSON, as ad and analytics snippets leave them."""

_COMMENT = ("<!--", "-->")

_MAX_ROUNDS = 6
"""Markup may come out of entities (`&lt;p&gt;`). More rounds than this only a prepared text needs."""


def strip_markup(text: str) -> str:
    """Return the text without remnants of markup; text that shows no sign of markup comes back as it is.

    Elements that separate paragraphs leave a blank line. Applying it twice changes nothing more.
    """
    for _ in range(_MAX_ROUNDS):
        if _SIGN.search(text) is None:
            break
        stripped = _strip_once(text)
        if stripped == text:
            break
        text = stripped
    return text


def _strip_once(text: str) -> str:
    """Return the text after one pass of every kind of remnant."""
    if "<!--" in text:
        text = _without_comments(text)
    if _TAG.search(text):
        text = _without_tags(text)
    if "&" in text:
        text = _ENTITY.sub(_unescape, text)
    if "[" in text:
        text = _SHORTCODE.sub("", _SHORTCODE_LINK.sub("", text))
    if "{" in text or "<%" in text:
        text = _PLACEHOLDER.sub("", text)
    if "{" in text or "/*" in text:
        text = _STYLE.sub("", text)
    if any(sign in text for sign in ("{", "}", ";", "<!", "//", "(")):
        text = "\n".join(line for line in text.split("\n") if not (line and _SCRIPT_LINE.fullmatch(line)))
    return text


def _unescape(match: re.Match[str]) -> str:
    """Return the character that an entity names, or the entity as it is where it names none."""
    entity = f"&{match['name'] or match['bare']};"
    char = html.unescape(entity)
    return match.group() if char == entity else char


def _without_comments(text: str) -> str:
    """Return the text without HTML comments; of one that is never closed only the opening goes."""
    begin, end = _COMMENT
    parts: list[str] = []
    at = 0
    while (start := text.find(begin, at)) >= 0:
        parts.append(text[at:start])
        stop = text.find(end, start + len(begin))
        if stop < 0:
            at = start + len(begin)
            break
        at = stop + len(end)
    parts.append(text[at:].replace(begin, ""))
    return "".join(parts)


def _without_tags(text: str) -> str:
    """Return the text of a fragment of HTML; what looks like a tag but is none stays as text."""
    tags = list(_TAG.finditer(text))
    closed = {tag["name"].lower() for tag in tags if tag["end"] and tag["name"].lower() in _DROPPED}
    dropping = sum(tag["name"].lower() in closed for tag in tags) <= _MAX_DROPPED_TAGS and bool(closed)
    parts: list[str] = []
    at = 0
    for tag in tags:
        name = tag["name"].lower()
        parts.append(html.escape(text[at : tag.start()], quote=False) if dropping else text[at : tag.start()])
        if name in _BLOCKS:
            parts.append("\n\n")
        elif dropping and name in closed:
            parts.append(f"<{tag['end']}{name}>")
        at = tag.end()
    parts.append(html.escape(text[at:], quote=False) if dropping else text[at:])
    return _without_dropped("".join(parts)) if dropping else "".join(parts)


def _without_dropped(fragment: str) -> str:
    """Return the text of a fragment whose only tags are those of elements to be dropped with their content."""
    soup = BeautifulSoup(fragment, "html.parser")
    for element in soup.find_all(_DROPPED):
        if not element.decomposed:
            element.decompose()
    return soup.get_text()
