from dataclasses import dataclass
@dataclass(frozen=True, eq=False)
class AnaloguePosterior:
    data: object
    sampled: object
    compile_seconds: float
    model: object
    episode: object
