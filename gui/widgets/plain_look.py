"""Tk's own look, where ttkbootstrap is not installed."""

from __future__ import annotations

from tkinter import ttk

from .colors import Colors


def paint_plain(style: ttk.Style, colors: Colors) -> None:
    """Give Tk's own look the colours of the window.

    Args:
        style: The styles of the window.
        colors: Its colours.
    """
    style.configure(
        ".",
        fieldbackground=colors.field,
        troughcolor=colors.background,
        selectbackground=colors.accent,
        selectforeground=colors.on_accent,
        insertcolor=colors.text,
        focuscolor=colors.accent,
    )
    style.map(
        ".",
        background=[("active", colors.background)],
        foreground=[("disabled", colors.quiet)],
    )
    for kind in ("TButton", "TCheckbutton", "TRadiobutton", "TMenubutton"):
        style.configure(kind, background=colors.background)
        style.map(
            kind,
            background=[("active", colors.background)],
            foreground=[("disabled", colors.quiet)],
            indicatorcolor=[("selected", colors.accent)],
        )
    style.map("TEntry", fieldbackground=[("readonly", colors.field)])
    style.map("TCombobox", fieldbackground=[("readonly", colors.field)])
