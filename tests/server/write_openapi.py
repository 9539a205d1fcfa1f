"""Write the document that is kept as docs/openapi.json: cd tests; python -m server.write_openapi"""

import json
import tempfile
from pathlib import Path

from server.served import serving

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory, serving(Path(directory)) as served:
        text = json.dumps(served.app.openapi(), indent=1, ensure_ascii=False)
    (Path(__file__).parents[2] / "docs" / "openapi.json").write_text(text + "\n", "utf-8")
