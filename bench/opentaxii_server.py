"""OpenTAXII on loopback with objects in one public collection: what this node's TAXII server is measured beside.

Run by itself: `python -m bench.opentaxii_server FOLDER OBJECTS.json`; it prints the address of its collection and
serves until it is told to end. Its database is SQLite in the folder, its server the one that it comes with.
"""

import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

import yaml
from werkzeug.serving import make_server

_CONFIG: Any = {
    "domain": "127.0.0.1",
    "support_basic_auth": True,
    "return_server_error_details": False,
    "auth_api": {
        "class": "opentaxii.auth.sqldb.SQLDatabaseAPI",
        "parameters": {"create_tables": True, "secret": "x" * 32},
    },
    "taxii1": None,
    "taxii2": {
        "persistence_api": {
            "class": "opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI",
            "parameters": {"create_tables": True},
        },
        "max_content_length": 1 << 28,
        "title": "bench",
    },
    "logging": {"opentaxii": "error", "root": "error"},
    "hooks": None,
}


def _write_id(_: json.JSONEncoder, value: object) -> str:
    """With the SQLAlchemy of today its ids come as values that its own encoder does not know."""
    return str(value)


def main(folder: Path, objects: Path) -> None:
    """Fill it and serve."""
    config = json.loads(json.dumps(_CONFIG))
    config["auth_api"]["parameters"]["db_connection"] = f"sqlite:///{folder}/auth.db"
    config["taxii2"]["persistence_api"]["parameters"]["db_connection"] = f"sqlite:///{folder}/objects.db"
    path = folder / "opentaxii.yml"
    path.write_text(yaml.safe_dump(config))
    os.environ["OPENTAXII_CONFIG"] = str(path)
    from opentaxii.config import ServerConfig  # noqa: PLC0415 -- it reads the environment when it is loaded
    from opentaxii.middleware import create_app  # noqa: PLC0415
    from opentaxii.server import TAXIIServer  # noqa: PLC0415

    json.JSONEncoder.default = _write_id  # type: ignore[assignment, method-assign]
    server = TAXIIServer(ServerConfig(optional_env_var="OPENTAXII_CONFIG"))
    app = create_app(server)
    with app.app_context():
        api = server.servers.taxii2.persistence.api
        root = api.add_api_root(title="bench", default=True, is_public=True)
        collection = api.add_collection(str(root.id), "bench", is_public=True, is_public_write=True)
        api.add_objects(str(root.id), str(collection.id), json.loads(objects.read_bytes()))
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    serving = make_server("127.0.0.1", 0, app, threaded=True)
    print(f"http://127.0.0.1:{serving.server_port}/taxii2/{root.id}/collections/{collection.id}/", flush=True)
    serving.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
