"""The flags that commands share: their words, and one line of help each."""

from typing import Annotated

import typer

Text = str | None
Texts = list[str] | None

Current = Annotated[
    Texts,
    typer.Argument(
        metavar="CURRENT",
        show_default=False,
        help="Prediction logs: Parquet, CSV, NDJSON or Arrow; files, globs or directories.",
    ),
]
Reference = Annotated[Text, typer.Option(help="The data to compare with.", metavar="FILE")]
Config = Annotated[Text, typer.Option(help="A wane.toml; flags win over it.", metavar="FILE")]
Model = Annotated[Text, typer.Option(help="Name of the model, for reports.", metavar="NAME")]

Timestamp = Annotated[Text, typer.Option(help="When predicted.", metavar="COLUMN")]
Id = Annotated[Text, typer.Option("--id", help="Identifies a prediction.", metavar="COLUMN")]
Prediction = Annotated[Text, typer.Option(help="The answer given.", metavar="COLUMN")]
Score = Annotated[
    Text, typer.Option(help="Probability of the positive (or predicted) class.", metavar="COLUMN")
]
Label = Annotated[Text, typer.Option(help="The true answer.", metavar="COLUMN")]
LabelTime = Annotated[Text, typer.Option(help="When the label came.", metavar="COLUMN")]
Features = Annotated[
    Texts, typer.Option(help="Inputs, comma separated or repeated.", metavar="COLUMNS")
]
Segment = Annotated[Texts, typer.Option(help="Columns that split the rows.", metavar="COLUMNS")]
Latency = Annotated[Text, typer.Option(help="Time taken, in any unit.", metavar="COLUMN")]
Error = Annotated[Text, typer.Option(help="Whether the call failed.", metavar="COLUMN")]
VersionColumn = Annotated[Text, typer.Option(help="Model version.", metavar="COLUMN")]
Weight = Annotated[Text, typer.Option(help="Sample weight.", metavar="COLUMN")]
Query = Annotated[Text, typer.Option(help="Ranking: the list.", metavar="COLUMN")]
Item = Annotated[Text, typer.Option(help="Ranking: the item.", metavar="COLUMN")]
Rank = Annotated[Text, typer.Option(help="Ranking: position, 1 is the top.", metavar="COLUMN")]
Relevance = Annotated[Text, typer.Option(help="Ranking: gain of the item.", metavar="COLUMN")]
TopK = Annotated[Texts, typer.Option(help="Ranking: list lengths, e.g. 5,10.", metavar="NUMBERS")]

Task = Annotated[
    Text, typer.Option(help="binary, multiclass, regression, ranking or none.", metavar="TASK")
]
Classes = Annotated[
    Texts, typer.Option(help="Class names; binary: negative,positive.", metavar="NAMES")
]
Positive = Annotated[Text, typer.Option(help="Binary: the positive class.", metavar="CLASS")]
Threshold = Annotated[
    float | None, typer.Option(help="Binary: score from which on it is positive.", metavar="SHARE")
]
Every = Annotated[
    Text, typer.Option(help='Window: 15min, 1h, 1d, 1w or "5000 rows".', metavar="SIZE")
]
Timezone = Annotated[
    Text, typer.Option(help="Whose midnight windows follow, e.g. Europe/Vienna.", metavar="ZONE")
]
Until = Annotated[
    Text,
    typer.Option(
        help="The log should reach so far (ISO 8601, or now): windows without rows are an outage.",
        metavar="TIME",
    ),
]
Where = Annotated[Text, typer.Option(help="SQL condition rows must meet.", metavar="SQL")]
Labels = Annotated[Text, typer.Option(help="Labels, joined by id.", metavar="FILE")]
Deep = Annotated[
    bool | None,
    typer.Option(
        "--deep", help="Read rows once more: where it got worse, by up to 3 columns together."
    ),
]
Now = Annotated[
    Text, typer.Option(help="Time of the run (ISO 8601), to repeat a run exactly.", metavar="TIME")
]

Rule = Annotated[
    Texts,
    typer.Option(help='What breaks a promise: "accuracy < 0.90". Repeatable.', metavar="RULE"),
]
FalseAlarms = Annotated[
    Text,
    typer.Option(
        help='How often learned limits may be wrong, in all: "1 per 90 days".', metavar="BUDGET"
    ),
]
Out = Annotated[
    Text, typer.Option(help="Directory for report, tables and profiles.", metavar="DIR")
]
Format = Annotated[
    Text, typer.Option("--format", help="table, json, md, junit or github.", metavar="FORMAT")
]
FailOn = Annotated[
    Text,
    typer.Option(
        help="Exit 1 from this severity on: info, warning, critical or never.",
        metavar="SEVERITY",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on stderr but errors.")]
Data = Annotated[
    str, typer.Option("--data", help="The data directory of a service.", metavar="DIR")
]
