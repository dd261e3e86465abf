"""Everybody in a video, and who is who from frame to frame.

Everyone who is followed is looked for by the pose network where it was last seen; every few frames, and when somebody
was lost, the person finder looks at the whole picture. What the two see is paired with those who are followed, over all
pairs at once; who is seen twice is one person; who is new is followed from there on.
"""

from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from posecore.look import Look, PoseNetwork
from posecore.options import DEFAULTS
from posecore.pose import Floats, Image, Person
from posecore.similarity import area, covered, inside, iou
from posecore.tracking.appearance import clothes
from posecore.tracking.association import MAX_COST, assign, costs_of, loose_oks, overlaps
from posecore.tracking.crowd import alone, near
from posecore.tracking.scene import Scene
from posecore.tracking.track import Sighting, Track, body_box, hiding
from posecore.tracking.wardrobe import Wardrobe

RESTING, RESTING_SECONDS = 6, 1.0  # times `every`, at most so long, the finder rests while nothing stirs elsewhere
EVERY_LOST = 2  # frames from one look of the finder to the next while somebody is lost
SAME_PLACE = 0.25  # seconds that the network goes on looking where somebody was lost
MIN_BOX = 0.25  # score of a box that is looked at
AGREES = 0.3  # score of a box that says that somebody is still there whom the network does not see
BEGINS = 0.3  # score of a box in which somebody new is
FILLS = 0.3  # IoU with the box of a pose that says so too; in balls and lamps networks see people of other sizes
BELIEVED = 0.45  # score of a box in which somebody new is, whatever the network says
PART, PART_BELIEVED = 0.7, 0.6  # share of a box in those of others from which on, and the score that it needs then
HELD = 5  # frames since then that such a person stays
IN_VIEW = 0.15  # share of a pose's box in the picture, below which it is of somebody who has left: BlazePose goes on
COVERS = 0.35  # IoU from which on a box is that of somebody who is looked at already
COVERED = 0.6  # IoU above which a box needs no look of its own
SAME_BOX = 0.6  # IoU above which two sightings are one person
SAME_POSE, LOOSE = 0.4, 2.0  # OKS above which two poses are of one person, with sigmas so many times COCO's
APART = 0.4  # IoU below which two boxes are two people, though the network sees the same one in both
CROWDED = 0.2  # IoU above which somebody's clothes may be another's
NO_DOUBT = 0.5  # IoU with where somebody was expected, above which it is nobody else
CHANGED = 0.05  # by which it must cost less that two have changed places
AT_ONCE = 0.35  # evidence of somebody who is believed at first sight; others are at the second
ALONE = 1.6  # times `PoseNetwork.seen` of somebody whom the finder need not see
UNSEEN_BY_FINDER = 2.0  # seconds that others may go without it


class Finder(Protocol):
    """Where people are, see `posecore.models.person_finder.PersonFinder`."""

    def __call__(self, image: Image, min_score: float) -> tuple[Floats, Floats]:
        """Boxes, (n, 4), x0, y0, x1, y1 in pixels, and their scores, (n,), the surest first."""
        ...

    def close(self) -> None:
        """Free it."""
        ...


class Tracker:
    """Follows the people of one video; ids begin with 1.

    people: how many to follow at most, 0 for everyone. keep_lost: seconds that somebody who is not seen keeps the id.
    every: frames from one look of the finder to the next while somebody may be new; where nothing stirs it rests.
    """

    def __init__(
        self,
        network: PoseNetwork,
        finder: Finder,
        people: int = 0,
        keep_lost: float = DEFAULTS.keep_lost,
        every: int = DEFAULTS.finder_every,
    ) -> None:
        self._network, self._finder = network, finder
        self._people, self._keep_ms, self._every = people, 1000 * keep_lost, every
        self._tracks: list[Track] = []
        self._wardrobe, self._scene = Wardrobe(), Scene()
        self._frame, self._asked, self._asked_ms = -1, -every, -1
        self._last_ms, self._next_id = -1, 1

    def detect(self, image: Image, timestamp_ms: int | None = None) -> list[Person]:
        """The people in the next frame, (height, width, 3) uint8 RGB, who was followed longest first.

        Timestamps that do not grow are moved on by a millisecond. Persons are in pixels of the picture; who is there
        for the finder only has keypoints with little or no score.

        Raises ValueError when the timestamp is missing.
        """
        if timestamp_ms is None:
            raise ValueError("timestamp_ms is missing: who is followed needs the time of every frame")
        before, now = self._last_ms, max(self._last_ms + 1, timestamp_ms)
        self._last_ms, self._frame = now, self._frame + 1
        if self._scene.cut_before(image):
            self._forget()
        expected = np.array([track.expected(now) for track in self._tracks], np.float32).reshape(-1, 4)
        beside = near(expected)
        seen = self._follow(image, expected, beside, before, now)
        asked = self._is_time(expected, before, now)
        if asked:
            self._ask(image, seen)
            self._scene.remember(expected)
        if asked or not _all_as_expected(self._tracks, seen, expected):
            seen = distinct([sighting for sighting in seen if self._is_there(sighting)])
            _dress(image, seen)
            paired = self._pairs(seen, before, now)
        else:
            paired = {row: row for row in range(len(seen))}
        self._take(seen, paired, before, now)
        return [self._person(track, image) for track in self._named(now)]

    def _is_time(self, expected: Floats, before: int, now: int) -> bool:
        """Whether the finder is to look: when somebody is lost, in doubt or may be new, and after a rest."""
        passed = self._frame - self._asked
        if any(
            track.seen_ms != before or not _is_sure(track.last) or self._in_doubt(track, now) for track in self._tracks
        ):
            return passed >= min(EVERY_LOST, self._every)
        if passed < self._every:
            return False
        rested = passed >= RESTING * self._every or now - self._asked_ms >= 1000 * RESTING_SECONDS
        return rested or self._scene.stirs(expected)

    def _follow(self, image: Image, boxes: Floats, beside: NDArray[np.bool_], before: int, now: int) -> list[Sighting]:
        """Look at everyone where the person should be by now: boxes, (n, 4); beside: who is near whom there, (n, n)."""
        sightings = []
        there = np.array([track.seen_ms == before and _is_sure(track.last) for track in self._tracks], bool)
        for row, track in enumerate(self._tracks):
            if track.seen_ms == before or now - track.seen_ms <= 1000 * SAME_PLACE:
                last, box = track.last, boxes[row]
                shown = alone(image, box, boxes[beside[row] & there])
                if last.clear:
                    look: Look | None = self._network.follow(shown, last.look, track.moved(now))
                else:
                    look = self._network.find(shown, box)
                sightings.append(self._sighting(image, look or _nothing(last.look), box, track=track))
        return sightings

    def _ask(self, image: Image, sightings: list[Sighting]) -> None:
        """Let the finder look: it agrees with what is seen, or sees more.

        Parts of people count only where somebody is expected whom the network does not see: who is half hidden.
        """
        self._asked, self._asked_ms = self._frame, self._last_ms
        boxes, scores = self._finder(image, MIN_BOX)
        unseen = [known for known in sightings if not known.clear]
        counts = _whole(boxes, scores) | (overlaps(unseen, boxes) > COVERS).any(axis=0)
        boxes, scores = boxes[counts], scores[counts]
        beside = near(boxes) & (scores >= BEGINS)

        def sighting(column: int, track: Track | None = None) -> Sighting | None:
            shown = alone(image, boxes[column], boxes[beside[column]])
            look = self._network.find(shown, boxes[column])
            return self._sighting(image, look, boxes[column], float(scores[column]), track) if look else None

        over = overlaps(sightings, boxes)
        pairs = assign(1 - over, 1 - COVERS)
        for row, column in pairs:
            known = sightings[row]
            known.box_score = float(scores[column])
            if not known.clear:
                sightings[row] = sighting(column, known.track) or known
        passed = over.max(axis=0, initial=0) > COVERED
        passed[[column for _, column in pairs]] = True
        if len(sightings) == len(self._tracks) and all(known.clear for known in sightings):
            passed |= scores < BEGINS  # nobody begins there, and nobody is lost who could be found
        sightings += filter(None, map(sighting, np.flatnonzero(~passed).tolist()))

    def _sighting(
        self, image: Image, look: Look, box: Floats, score: float = 0.0, track: Track | None = None
    ) -> Sighting:
        """The box is what the picture shows of the pose's where the network sees somebody, else where it looked."""
        body = body_box(look.person)
        shown = np.clip(body, 0, np.tile(image.shape[1::-1], 2)).astype(np.float32)
        if inside(body, shown) < IN_VIEW:
            look = _nothing(look)
        clear = look.sure >= self._network.seen
        return Sighting(look, clear, shown if clear and not score else box, score, track)

    def _is_there(self, seen: Sighting) -> bool:
        """Whether the network sees somebody, or the finder does or did just now."""
        track = seen.track
        held = track is not None and track.id is not None and self._frame - track.boxed_frame < HELD
        return _is_sure(seen) or held

    def _pairs(self, seen: list[Sighting], before: int, now: int) -> dict[int, int]:
        """Who is who: the row of each track that is seen, with the column of its sighting.

        A sighting in which nobody is seen is where somebody was expected: it stays with who has no other.
        """
        costs = costs_of(self._tracks, seen, before, now)
        unseen = {sighting.track: column for column, sighting in enumerate(seen) if not _is_sure(sighting)}
        costs[:, list(unseen.values())] = np.inf
        paired = dict(assign(costs, MAX_COST))
        self._untangle(paired, seen, before, now)
        held = {row: unseen[track] for row, track in enumerate(self._tracks) if track in unseen and row not in paired}
        return paired | held

    def _take(self, seen: list[Sighting], paired: dict[int, int], before: int, now: int) -> None:
        """Everyone is where it is seen; who is not seen may be gone, and who is not followed new."""
        for row, column in paired.items():
            if self._tracks[row].seen_ms != before:
                self._tracks[row].filter = None  # or it would smooth over the gap
            self._tracks[row].see(seen[column], self._frame, now, seen[column].box_score >= AGREES)
        for track in [track for track in self._tracks if not self._stays(track, now)]:
            self._let_go(track)
        taken = set(paired.values())
        new = [sighting for column, sighting in enumerate(seen) if column not in taken and self._begins(sighting, seen)]
        new.sort(key=lambda sighting: -sighting.sure)
        room = max(0, self._people - len(self._tracks)) if self._people else len(new)
        self._tracks += [Track(sighting, self._frame, now) for sighting in new[:room]]

    def _untangle(self, paired: dict[int, int], seen: list[Sighting], before: int, now: int) -> None:
        """Who was hidden by another and comes out again may be the other: the network follows whoever is in front.

        Then the two are told apart by what was known of them before.
        """
        for row, track in enumerate(self._tracks):
            if row not in paired and (track.seen_ms == before or track.hidden_by is None):
                track.hidden_by = hiding(track, [self._tracks[other] for other in paired], now)
            elif row in paired and track.seen_ms != before and track.hidden_by:
                other, known = track.hidden_by
                if other in self._tracks and (front := self._tracks.index(other)) in paired:
                    costs = costs_of([track, known], [seen[paired[row]], seen[paired[front]]], before, now)
                    if costs[0, 1] + costs[1, 0] < costs[0, 0] + costs[1, 1] - CHANGED:
                        paired[row], paired[front] = paired[front], paired[row]
                track.hidden_by = None

    def _begins(self, new: Sighting, seen: list[Sighting]) -> bool:
        """Whether somebody new is followed from here on: the finder is sure, or a pose fills its box.

        Where others are, of whom it may be parts, both must hold.
        """
        fills = new.clear and _fit(new) > FILLS
        others = np.array([other.box for other in seen if other is not new], np.float32).reshape(-1, 4)
        if covered(new.box, others) > PART:
            return fills and new.box_score >= PART_BELIEVED
        return new.box_score >= (BEGINS if fills else BELIEVED)

    def _stays(self, track: Track, now: int) -> bool:
        """Whether somebody is followed on: not who is lost for long, nor in doubt when the finder has just looked."""
        if now != track.seen_ms and (track.id is None or now - track.seen_ms > self._keep_ms):
            return False
        return self._asked != self._frame or not self._in_doubt(track, now)

    def _in_doubt(self, track: Track, now: int) -> bool:
        """Whether the finder has not seen somebody for long of whom the network is not sure enough."""
        alone = track.last.look.sure >= self._network.seen * ALONE
        return not alone and now - track.boxed_ms > 1000 * UNSEEN_BY_FINDER

    def _let_go(self, track: Track) -> None:
        self._tracks.remove(track)
        if track.id is not None and track.clothes is not None:
            self._wardrobe.keep(track.id, track.seen_ms, track.clothes)

    def _forget(self) -> None:
        """Nobody is followed over a cut."""
        self._tracks.clear()
        self._wardrobe.clear()
        self._asked = self._frame - self._every

    def _named(self, now: int) -> list[Track]:
        """Those who are seen now and believed, by their ids."""
        there = [track for track in self._tracks if track.seen_ms == now]
        for track in there:
            if track.id is None and (track.sightings > 1 or track.evidence >= AT_ONCE):
                track.id = self._name(track, now)
        return sorted((track for track in there if track.id is not None), key=lambda track: track.id or 0)

    def _name(self, track: Track, now: int) -> int:
        """The id of somebody new, or of who has come back."""
        others = [other.clothes for other in self._tracks if other is not track and other.clothes is not None]
        back = None if track.clothes is None else self._wardrobe.back(track.clothes, now, others)
        if back is None:
            back, self._next_id = self._next_id, self._next_id + 1
        return back

    def _person(self, track: Track, image: Image) -> Person:
        """Somebody as the frame has it: smoothed, as long as the network sees it."""
        last = track.last
        if not last.clear:
            track.filter = None
            return replace(last.look.person, track_id=track.id, box=last.box)
        height, width = image.shape[:2]
        if track.filter is None:
            track.filter = self._network.filter(width, height)
        person = track.filter(last.look, self._last_ms)
        return replace(person, track_id=track.id, box=body_box(person))

    def close(self) -> None:
        """Leave the networks to the next one."""
        self._network.close()
        self._finder.close()


def distinct(sightings: list[Sighting]) -> list[Sighting]:
    """Of the sightings of one person the surest; who only seems to be where another is seen has no pose."""
    kept: list[Sighting] = []
    for seen in sorted(sightings, key=lambda seen: -seen.sure):
        for other in kept:
            both = float(iou(seen.box[None], other.box)[0])
            if both > SAME_BOX:
                break
            one, another = seen.look.person, other.look.person
            if loose_oks(one, another, area(another), LOOSE) > SAME_POSE:
                if both >= APART or (seen.clear and seen.box_score < AGREES):
                    break
                seen.look, seen.clear = _nothing(seen.look), False
        else:
            kept.append(seen)
    return kept


def _dress(image: Image, sightings: list[Sighting]) -> None:
    """What everyone wears who is seen clearly."""
    boxes = np.array([seen.box for seen in sightings], np.float32).reshape(-1, 4)
    for seen, over in zip(sightings, overlaps(sightings, boxes), strict=True):
        if seen.clear:
            seen.clothes = clothes(image, seen.look.person)
            seen.crowded = bool((over > CROWDED).sum() > 1)  # one is its own


def _all_as_expected(tracks: list[Track], seen: list[Sighting], expected: Floats) -> bool:
    """Whether everyone who is followed is seen where it was expected, and nobody where another was."""
    if len(seen) < len(tracks) or not all(sighting.clear for sighting in seen):
        return False
    over = overlaps(seen, expected)
    own = over.diagonal()
    return bool((own > NO_DOUBT).all() and np.count_nonzero(over) == len(own))


def _is_sure(seen: Sighting) -> bool:
    """Whether the network sees somebody, or the finder does."""
    return seen.clear or seen.box_score >= AGREES


def _fit(seen: Sighting) -> float:
    """IoU of the pose's box with the finder's."""
    return float(iou(body_box(seen.look.person)[None], seen.box)[0])


def _whole(boxes: Floats, scores: Floats) -> NDArray[np.bool_]:
    """Which of the finder's boxes, the surest first, are not of a part of somebody, or of several, who have surer ones.

    (n,), of boxes (n, 4) and their scores (n,).
    """
    parts = [covered(box, boxes[:number]) > PART for number, box in enumerate(boxes)]
    return (scores >= PART_BELIEVED) | ~np.array(parts, bool)


def _nothing(look: Look) -> Look:
    """A look that saw nobody."""
    return replace(look, person=look.person.unseen(), sure=0.0)
