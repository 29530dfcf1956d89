import pytest

from copperplate.errors import RefusedError
from copperplate.resources import wiring

HEAD = "from .feature import Feature\n"


def added(source: str, *names: str) -> str:
    return wiring.add_features(source.encode(), names, "project.py").decode()


def test_the_first_features_are_imported_in_order_and_listed() -> None:
    source = f'"""Mine."""\n\n{HEAD}\nFEATURES: tuple[Feature, ...] = ()\n'
    assert added(source, "orders", "customers") == (
        '"""Mine."""\n\nfrom .customers.feature import feature as customers\nfrom .feature import Feature\n'
        "from .orders.feature import feature as orders\n\nFEATURES: tuple[Feature, ...] = (orders, customers)\n"
    )


def test_lines_and_comments_of_a_long_list_stay() -> None:
    source = f"{HEAD}\nFEATURES = [\n    # ours\n    mail,  # é: needs settings\n    # the end\n]\n"
    assert added(source, "orders") == (
        f"{HEAD}from .orders.feature import feature as orders\n\n"
        "FEATURES = [\n    # ours\n    mail,  # é: needs settings\n    orders,\n    # the end\n]\n"
    )


def test_a_comma_that_is_missing_is_written() -> None:
    source = f"{HEAD}\nFEATURES = (\n    users,\n    mail  # last\n)\n"
    assert added(source, "orders").endswith("FEATURES = (\n    users,\n    mail,  # last\n    orders,\n)\n")


def test_a_line_that_would_be_too_long_becomes_several() -> None:
    names = [f"feature_number_{number}" for number in range(5)]
    source = f"{HEAD}\nFEATURES: tuple[Feature, ...] = ({', '.join(names)})\n"
    expected = "".join(f"    {name},\n" for name in [*names, "orders"])
    assert added(source, "orders").endswith(f"FEATURES: tuple[Feature, ...] = (\n{expected})\n")


def test_line_ends_of_windows_stay() -> None:
    source = f"{HEAD}\nFEATURES = ()\n".replace("\n", "\r\n")
    assert added(source, "orders") == (
        "from .feature import Feature\r\nfrom .orders.feature import feature as orders\r\n\r\nFEATURES = (orders,)\r\n"
    )


def test_a_tuple_without_brackets_gets_some() -> None:
    assert added(f"{HEAD}\nFEATURES = mail,\n", "orders").endswith("FEATURES = (mail, orders)\n")


@pytest.mark.parametrize(
    "source",
    [
        f"{HEAD}\nFEATURES = tuple(found())\n",
        f"{HEAD}\nFEATURES = (mail,)\nif True:\n    FEATURES = ()\n",
        f"{HEAD}\norders = 1\nFEATURES = ()\n",
        "FEATURES = ()\n",
        f"{HEAD}\nFEATURES = (\n",
    ],
)
def test_what_was_reshaped_is_refused_with_the_lines_to_add(source: str) -> None:
    with pytest.raises(RefusedError) as refused:
        added(source, "orders")
    assert refused.value.what.startswith("project.py cannot be changed: ")
    assert "`from .orders.feature import feature as orders`" in refused.value.hint


@pytest.mark.parametrize(
    "listed",
    [
        "FEATURES = ()",
        "FEATURES = (customers,)",
        "FEATURES = [customers, items]",
        "FEATURES: tuple[Feature, ...] = (customers, items)",
        "FEATURES = (\n    customers,  # first\n    # between\n    items,\n)",
    ],
)
def test_a_feature_that_is_added_and_removed_leaves_the_file_as_it_was(listed: str) -> None:
    source = f"from .customers.feature import feature as customers\nfrom .feature import Feature\n\n{listed}\n".encode()
    added = wiring.add_features(source, ["orders"], "project.py")
    assert b"orders" in added
    assert wiring.remove_feature(added, "orders", "project.py") == source


def test_a_feature_that_the_file_does_not_have_is_removed_already() -> None:
    source = b"from .feature import Feature\n\nFEATURES = ()\n"
    assert wiring.remove_feature(source, "orders", "project.py") == source


@pytest.mark.parametrize(
    "source",
    [
        "from .orders.feature import feature as orders\n\nFEATURES = (orders,)\nFIRST = orders\n",
        "from .orders.feature import feature as orders\n\nFEATURES = tuple([orders])\n",
        "from .mine import orders\n\nFEATURES = (orders,)\n",
        "from .orders.feature import Other, feature as orders\n\nFEATURES = (orders,)\n",
        "FEATURES = (",
    ],
)
def test_a_feature_that_is_written_in_another_way_is_not_removed(source: str) -> None:
    with pytest.raises(RefusedError) as refused:
        wiring.remove_feature(source.encode(), "orders", "project.py")
    assert "remove the feature orders there by hand" in refused.value.hint
