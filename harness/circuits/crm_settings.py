"""What is asked of a trace through a complete replacement model. Free of torch."""

from typing import Self

from pydantic import Field, model_validator

from harness.record import HarnessError, Record


class CrmSettings(Record):
    """Neuronpedia's settings of the same names; its defaults but for the memory that they take."""

    max_n_logits: int = Field(default=10, ge=1)
    """Logits attributed at most."""
    desired_logit_prob: float = Field(default=0.95, gt=0, le=1)
    """Probability that they bear together, if as many as that are allowed."""
    batch_size: int = Field(default=16, ge=1)
    """Copies of the prompt run at once, a backward pass for each."""
    max_feature_nodes: int = Field(default=1000, ge=1)
    """Features whose inputs are attributed at most: those of most influence, found greedily."""
    node_threshold: float = Field(default=0.8, ge=0, le=1)
    """Share of all influence that kept nodes bear."""
    edge_threshold: float = Field(default=0.98, ge=0, le=1)
    """Share of the influence over single edges that kept edges bear."""
    enable_qk_tracing: bool = True
    """Whether attention scores of Lorsa features are traced too."""
    qk_top_fraction: float = Field(default=0.6, gt=0, le=1)
    """Share of the Lorsa features, by influence, whose scores are traced."""
    qk_topk: int = Field(default=10, ge=1)
    """Contributors told of each score, of each kind."""

    @model_validator(mode="after")
    def _batch_holds_contributors(self) -> Self:
        if self.enable_qk_tracing and self.qk_topk > self.batch_size:
            raise HarnessError(
                f"qk_topk {self.qk_topk} is above batch_size {self.batch_size}: each contributor "
                "takes one copy of the prompt"
            )
        return self
