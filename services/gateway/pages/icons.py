"""The pictures beside words. They only repeat what a word says, hence they are hidden from screen readers."""

from markupsafe import Markup

_SHAPES = {
    "done": '<path d="M4 10.5l4 4 8-9"/>',
    "waits": '<circle cx="10" cy="10" r="7.2"/><path d="M10 6v4.3l2.8 1.8"/>',
    "refused": '<path d="M5.5 5.5l9 9M14.5 5.5l-9 9"/>',
    "changes": '<path d="M4 16l1-3.8L13.2 4a1.7 1.7 0 0 1 2.4 0l.4.4a1.7 1.7 0 0 1 0 2.4L7.8 15 4 16z"/>',
    "outdated": '<path d="M10 3.2l7.4 13.3H2.6L10 3.2zM10 8v4M10 14.2v.1"/>',
    "information": '<circle cx="10" cy="10" r="7.2"/><path d="M10 9.3v4.4M10 6.4v.1"/>',
    "ahead": '<circle cx="10" cy="10" r="5"/>',
    "here": '<circle cx="10" cy="10" r="7.2"/><circle class="full" cx="10" cy="10" r="3.4"/>',
    "quotes": '<path d="M5 3h10v14H5zM8 7h4M8 10h4M8 13h2"/>',
    "orders": '<path d="M3.5 6.5L10 3l6.5 3.5v7L10 17l-6.5-3.5zM3.5 6.5L10 10l6.5-3.5M10 10v7"/>',
    "invoices": '<path d="M5 3h10v14l-2.5-1.6L10 17l-2.5-1.6L5 17zM8 7h4M8 10.5h4"/>',
    "proofs": '<path d="M3 4h14v9H9l-3 3.5V13H3zM7 8.4l2 2 4-4.2"/>',
    "people": '<circle cx="7.5" cy="7" r="2.8"/><path d="M2.5 16a5.2 5.2 0 0 1 10 0'
    'M13 4.6a2.8 2.8 0 0 1 0 4.8M15 12a5 5 0 0 1 2.7 4"/>',
    "more": '<path d="M4 6h12M4 10h12M4 14h12"/>',
    "search": '<circle cx="8.8" cy="8.8" r="5"/><path d="M12.6 12.6L17 17"/>',
    "filter": '<path d="M3.5 5h13M6 10h8M8.5 15h3"/>',
    "sort": '<path d="M7 8l3-3.2L13 8M7 12l3 3.2 3-3.2"/>',
    "up": '<path d="M10 16V4.5M5.5 9L10 4.5 14.5 9"/>',
    "down": '<path d="M10 4v11.5M5.5 11l4.5 4.5 4.5-4.5"/>',
    "start": '<path d="M3 9.5L10 3.5l7 6M5 8.5V16h10V8.5"/>',
    "desk": '<path d="M3 5h14v8H3zM7 17h6M10 13v4"/>',
    "settings": '<path d="M3 6h8M15 6h2M3 14h2M9 14h8"/>'
    '<circle cx="13" cy="6" r="2"/><circle cx="7" cy="14" r="2"/>',
    "person": '<circle cx="10" cy="6.5" r="3.2"/><path d="M3.5 17a6.5 6.5 0 0 1 13 0"/>',
    "eye": '<path d="M2 10s3-5.2 8-5.2 8 5.2 8 5.2-3 5.2-8 5.2S2 10 2 10z"/>'
    '<circle cx="10" cy="10" r="2.2"/>',
    "leave": '<path d="M12 4h4v12h-4M8.5 13.5L5 10l3.5-3.5M5 10h8"/>',
    "mail": '<path d="M3 5h14v10H3zM3.5 5.5L10 11l6.5-5.5"/>',
    "phone": '<path d="M5 3.5h2.5l1.3 3.3-1.7 1.5a9 9 0 0 0 4.6 4.6l1.5-1.7 3.3 1.3V15a1.6 1.6 0 0 1-1.8 1.5'
    'A13.5 13.5 0 0 1 3.5 5.3 1.6 1.6 0 0 1 5 3.5z"/>',
    "file": '<path d="M5 3h6.5L15 6.5V17H5zM11.5 3v3.5H15"/>',
    "load": '<path d="M10 3.5v9M6.5 9.5l3.5 3.5 3.5-3.5M4 16.5h12"/>',
    "on": '<path d="M7.5 4.5L13 10l-5.5 5.5"/>',
    "back": '<path d="M12.5 4.5L7 10l5.5 5.5"/>',
    "enlarge": '<path d="M11.5 3.5h5v5M8.5 16.5h-5v-5M16.5 3.5l-5.5 5.5M3.5 16.5L9 11"/>',
}
_ICONS = {
    # The shapes stand above; nothing in them comes from outside.
    name: Markup(f'<svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">{shape}</svg>')  # noqa: S704
    for name, shape in _SHAPES.items()
}


def icon(name: str) -> Markup:
    return _ICONS[name]
