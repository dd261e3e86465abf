"""Who is who in frames that are near one another."""

from posecore.pose import FramePose, Person


def people_of(frame: FramePose) -> dict[int, Person]:
    """The people of a frame by their ids; who has none is -1, -2 … by the place in the frame."""
    return {
        -place if person.track_id is None else person.track_id: person for place, person in enumerate(frame.persons, 1)
    }
