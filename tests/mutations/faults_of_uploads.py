"""Faults of uploads, of the owners of uploads and trainings, and of the order of jobs."""

from __future__ import annotations

from tests.mutations.fault import Fault

APP = "app/"
T = "tests/app/"
MODULES = {
    "upload_names": APP + "uploads/names.py",
    "upload_store": APP + "uploads/store.py",
    "visitors": APP + "visitors.py",
    "browser_cookie": APP + "browser_cookie.py",
    "access": APP + "access.py",
    "visible_paths": APP + "text/visible_paths.py",
    "turns": APP + "jobs/turns.py",
}
TESTS = {
    "uploads": [T + "uploads/test_names.py", T + "uploads/test_store.py"],
    "owners": [T + "test_visitors.py", T + "text/test_visible_paths.py"],
    "access": [T + f"views/test_{name}.py" for name in ("uploads", "train", "public_paths")],
    "turns": [T + "jobs/test_turns.py"],
}
TESTS_OF_MODULE = {
    "upload_names": [T + "uploads/test_names.py"],
    "upload_store": [T + "uploads/test_store.py"],
    "visitors": [T + "test_visitors.py"],
    "browser_cookie": [T + "test_visitors.py"],
    "visible_paths": [T + "text/test_visible_paths.py"],
}
FAULTS = [
    # --- uploads ---
    Fault("uploads", "a name loses its ending", "upload_names", "or UNNAMED) + ending", "or UNNAMED)"),
    Fault("uploads", "marks hide the ending of a name", "upload_names", "return char in _REORDERING or (", "return ("),
    Fault("uploads", "two forms of one letter", "upload_names", 'unicodedata.normalize("NFC", ', "str("),
    Fault("uploads", "a folder in a name", "upload_names", '.rstrip("/").rpartition("/")[2]', ""),
    Fault(
        "uploads",
        "everybody opens an upload",
        "upload_store",
        "(upload.owner, upload.handle) == (owner, reference.code)",
        "upload.handle == reference.code",
    ),
    Fault(
        "uploads",
        "a link opens an upload by any name",
        "upload_store",
        "if upload.name == reference.name and (",
        "if (",
    ),
    Fault("uploads", "the id can be guessed", "upload_store", "secrets.token_hex(16), name", '"0" * 32, name'),
    Fault("uploads", "an ended link opens the upload again", "upload_store", "replace(upload, token=None)", "upload"),
    Fault(
        "uploads",
        "no limit of one browser",
        "upload_store",
        "if own + upload.size > self.limits.owner_bytes:",
        "if False:",
    ),
    Fault("uploads", "uploads that are being written do not count", "upload_store", "[*self._reserved.values()]", "[]"),
    Fault("uploads", "uploads never end", "upload_store", "now - upload.added > self.limits.age", "False"),
    Fault("uploads", "an open page does not hold its uploads", "upload_store", "os.utime(about, (now, now))", "pass"),
    Fault("uploads", "a shared upload ends with the page", "upload_store", "upload.token is None and now", "now"),
    Fault(
        "uploads",
        "a refused file stays",
        "upload_store",
        "        self.remove(upload)\n        with self._guard:",
        "        with self._guard:",
    ),
    Fault(
        "uploads",
        "the same file is stored twice",
        "upload_store",
        "known is not None and self.path(known).is_file()",
        "False",
    ),
    Fault(
        "uploads",
        "other handles after the next upload",
        "upload_store",
        "digest.update(content)",
        "digest.update(secrets.token_bytes(4))",
    ),
    # --- owners ---
    Fault(
        "owners",
        "a reload is another browser",
        "visitors",
        "bytes(byte ^ key[place % len(key)] for place, byte in enumerate(bytes.fromhex(token)))",
        "bytes.fromhex(token)",
    ),
    Fault(
        "owners",
        "the cookie is stored",
        "visitors",
        "hashlib.blake2b(_token(), digest_size=16).hexdigest()",
        "_token().decode()",
    ),
    Fault("owners", "browsers without cookies are one owner", "visitors", "secrets.token_bytes(16)", 'b"nobody"'),
    Fault("owners", "scripts read the cookie", "browser_cookie", '"HttpOnly", ', ""),
    Fault(
        "owners",
        "every page gives a new cookie",
        "browser_cookie",
        "or _VALID.fullmatch(_cookie_of(Headers(scope=scope)))",
        "or False",
    ),
    Fault("owners", "a closed page counts as open", "visitors", "if is_connected(session)}", "if True}"),
    Fault(
        "owners", "folders of the server are shown", "visible_paths", 'return _ABSOLUTE.sub("", text)', "return text"
    ),
    # --- access ---
    Fault(
        "access", "a path opens an upload", "access", "path.is_relative_to(_resolved(stores.uploads().folder))", "False"
    ),
    Fault(
        "access", "weights of others are opened", "access", "len(parts) > 1 and parts[0] != visitors.owner()", "False"
    ),
    Fault(
        "access",
        "the address has a path of the server",
        "access",
        "return visible_paths.relative_to(name, root)",
        "return name",
    ),
    Fault(
        "access", "relative names find nothing", "access", "return path if name not in BUILT_IN", "return name if True"
    ),
    # --- turns ---
    Fault(
        "turns",
        "the first wish of a session comes first",
        "turns",
        "job.wished > latest[waiter].wished",
        "job.wished < latest[waiter].wished",
    ),
    Fault(
        "turns",
        "one session delays the others",
        "turns",
        "(self._served.get(waiter, 0), latest[waiter].wished)",
        "-latest[waiter].wished",
    ),
    Fault("turns", "an unwanted job stays in the queue", "turns", "lambda: not job.waiters or (", "lambda: ("),
]
