from harness.archive.environment import Environment


def environment(**packages: str) -> Environment:
    return Environment(python="3.11.7", platform="Linux x86_64", packages=packages)


def test_an_environment_does_not_differ_from_itself():
    assert Environment.now().differences(Environment.now()) == []


def test_other_versions_and_missing_packages_differ_and_further_ones_do_not():
    lock = environment(numpy="2.0", torch="2.8", scipy="1.15")
    here = environment(numpy="2.1", scipy="1.15", pandas="2.2")
    found = [(each.what, each.archive, each.here) for each in lock.differences(here)]
    assert found == [("numpy", "2.0", "2.1"), ("torch", "2.8", None)]


def test_interpreter_and_platform_count():
    lock = environment()
    here = Environment(python="3.12.1", platform="Darwin arm64", packages={})
    assert [each.what for each in lock.differences(here)] == ["python", "platform"]
