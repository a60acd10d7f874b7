"""What an experiment raises where the model does not do what would be explained."""


class Uninformative(Exception):
    """The base behaviour is absent, so no intervention on it can tell anything.

    Recorded as a `Failure` of the experiment: a model that cannot do a task is no evidence against
    a paper on how models do it.
    """
