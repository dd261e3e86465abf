"""Sizes of pictures."""


def scaled_size(width: int, height: int, max_side: int) -> tuple[int, int]:
    """(width, height) with max(width, height) ≤ max_side; as it is when that holds or max_side is 0."""
    scale = max_side / max(height, width)
    if not 0 < scale < 1:
        return width, height
    return max(1, round(width * scale)), max(1, round(height * scale))
