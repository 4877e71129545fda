from storage.age import errors
from storage.refused import Refused


def test_each_way_to_fail_has_a_class_of_its_own_under_one_that_is_never_retried():
    found = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Refused)}
    own = found - {Refused, errors.AgeError}
    assert {kind.__name__ for kind in own} == {
        "HeaderFailure", "HmacFailure", "NoMatch", "PayloadFailure", "RecipientsRefused", "KeyRefused",
    }  # fmt: skip
    assert all(kind.__base__ is errors.AgeError and not kind.retry for kind in own)
