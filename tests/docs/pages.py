"""Built pages, read with the standard library."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

LOADING = {  # attributes by which an element fetches something on its own
    "script": ("src",),
    "img": ("src", "srcset"),
    "source": ("src", "srcset"),
    "iframe": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "track": ("src",),
    "use": ("href", "xlink:href"),
    "image": ("href", "xlink:href"),
}
ONLY_TOLD = {"canonical", "index", "search", "next", "prev", "author", "help", "copyright"}


@dataclass
class Page(HTMLParser):
    """What a page fetches, where its links lead, its anchors, words set as code, and styles."""

    fetched: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    styles: list[str] = field(default_factory=list)

    def __post_init__(self):
        super().__init__()
        self.inside: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.inside.append(tag)
        self.fetched += [given[name] for name in LOADING.get(tag, ()) if given.get(name)]
        if tag == "link" and not set(given.get("rel", "").split()) <= ONLY_TOLD:
            self.fetched.append(given["href"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        if given.get("style"):
            self.styles.append(given["style"])

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass  # elements without an end

    def handle_data(self, data):
        if "style" in self.inside:
            self.styles.append(data)
        if "code" in self.inside:
            self.codes.add(data)


def read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page
