"""Front doors that open when somebody knocks: names of a package that are imported when first used."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def lazy_names(
    package: str, names: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """`__getattr__`, `__dir__` and `__all__` of a package. names: by module below the package, what it gives.

    Type checkers see nothing of this: the package also imports the names `if TYPE_CHECKING`, as a test makes sure.
    """
    homes = {name: module for module, given in names.items() for name in given}

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{homes[name]}"), name)

    return get, lambda: sorted(homes), sorted(homes)
