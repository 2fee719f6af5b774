"""The open pictures and the place among them."""

from pathlib import Path

from gui.album import Album

PICTURES = [Path(f"{number}.jpg") for number in range(6)]


def test_the_place_stays_inside() -> None:
    album = Album()
    assert album.current is None
    assert not album.go_to(3)
    album.open(PICTURES)
    assert album.current == PICTURES[0]
    assert album.go_to(100)
    assert album.current == PICTURES[5]
    assert not album.go_to(6)
    assert album.go_to(-1)
    assert album.current == PICTURES[0]


def test_a_picture_is_open_once() -> None:
    album = Album()
    album.open([PICTURES[1], PICTURES[0], PICTURES[1]])
    assert album.pictures == (PICTURES[1], PICTURES[0])


def test_a_search_keeps_the_place_where_it_can() -> None:
    album = Album()
    album.open(PICTURES)
    album.go_to(4)
    album.show_only([PICTURES[2], PICTURES[4]])
    assert (album.current, album.index) == (PICTURES[4], 1)
    album.show_only([PICTURES[3]])
    assert (album.current, album.index) == (PICTURES[3], 0)
    album.show_only(PICTURES)
    assert (album.current, album.index) == (PICTURES[3], 3)


def test_those_most_likely_next_come_first() -> None:
    album = Album()
    album.open(PICTURES)
    album.go_to(1)
    assert album.neighbours(2) == [PICTURES[2], PICTURES[0], PICTURES[3]]


def test_a_picture_taken_off_comes_back_where_it_was() -> None:
    album = Album()
    album.open(PICTURES)
    album.show_only(PICTURES[1:4])
    places = album.places_of(PICTURES[2])
    album.take_off(PICTURES[2])
    album.go_to(1)
    album.put_back(PICTURES[2], places)
    album.put_back(PICTURES[2], places)
    assert album.pictures == tuple(PICTURES)
    assert album.shown == tuple(PICTURES[1:4])
    assert album.current == PICTURES[3]
    only = Album()
    only.open(PICTURES[:1])
    places = only.places_of(PICTURES[0])
    only.take_off(PICTURES[0])
    only.put_back(PICTURES[0], places)
    assert only.pictures == only.shown == (PICTURES[0],)
