#!/usr/bin/env python3
"""Makes bill_of_materials.spdx.json: what is compiled into the library and the command, as an SPDX 2.3 document.

    bill_of_materials.py           writes the file beside this script
    bill_of_materials.py --check   exit status 1 where the file there is another

Commits are those of deps.cmake, so that there is one place that pins them. No dates and no random names: the same sources give the
same document.
"""
import json, os, re, sys

HERE = os.path.dirname(os.path.abspath(__file__))
OUTPUT = os.path.join(HERE, "bill_of_materials.spdx.json")

# name in deps.cmake: licence, holder of the copyright, what it is part of, and what is used of it.
PARTS = {
    "xnnpack": ("BSD-3-Clause", "Facebook, Inc. and its affiliates; Google LLC", "library", "some 130 of its C files, compiled unchanged"),
    "cpuinfo": ("BSD-2-Clause", "Google LLC; Facebook Inc.; Georgia Institute of Technology", "library", "C files, compiled unchanged"),
    "pthreadpool": ("BSD-2-Clause", "Google LLC; Facebook Inc.; Georgia Institute of Technology", "library", "shim.c and the header"),
    "fxdiv": ("MIT", "Facebook Inc.", "library", "the header"),
    "flatbuffers": ("Apache-2.0", "Google Inc.", "library", "headers (or those of the system's package, 2.0.8 or later)"),
    "cli11": ("BSD-3-Clause", "University of Cincinnati", "command", "headers (or those of the system's package)"),
    "json": ("MIT", "Niels Lohmann", "command", "headers (or those of the system's package)"),
    "yaml_cpp": ("MIT", "Jesse Beder", "command", "the static library of the system's package, 0.7.0 or later (or its C++ files)"),
}
NOT_SHIPPED = {"doctest"}  # tests only
SYSTEM = {
    "libzip": ("BSD-3-Clause", "Dieter Baron and Thomas Klausner", "command", "the system's shared library, where there is one"),
    "Unicode Character Database": ("Unicode-3.0", "Unicode, Inc.", "library",
                                   "tables made by runtime/text/generate_unicode.py"),
}


def pins():
    """name -> (repository, commit), from deps.cmake."""
    with open(os.path.join(HERE, "deps.cmake"), encoding="utf8") as file:
        text = file.read()
    found = re.findall(r"^\s*pbert_source\((\w+) (\S+/\S+) ([0-9a-f]{40})\)", text, re.MULTILINE)
    found += re.findall(r"^\s*pbert_header_library\((\w+) \S+ (\S+/\S+) ([0-9a-f]{40}) ", text, re.MULTILINE)
    return {name: (repository, commit) for name, repository, commit in found if name not in NOT_SHIPPED}


def version():
    with open(os.path.join(HERE, "..", "CMakeLists.txt"), encoding="utf8") as file:
        return re.search(r"project\(pocketbert VERSION (\S+)", file.read()).group(1)


def spdx_id(name):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9]+", "-", name)


def package(name, licence, holder, use, **more):
    return {"name": name, "SPDXID": spdx_id(name), "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": licence,
            "licenseDeclared": licence, "copyrightText": holder, "comment": use, **more}


def document():
    own = {"library": "libpocketbert", "command": "pocketbert"}
    packages = [package(own["library"], "Apache-2.0", "The pocketbert authors", "the runtime", versionInfo=version()),
                package(own["command"], "Apache-2.0", "The pocketbert authors", "converter and command; holds the library",
                        versionInfo=version())]
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", spdx_id(name)) for name in own.values()]
    relations.append((spdx_id(own["command"]), "STATIC_LINK", spdx_id(own["library"])))
    for name, (repository, commit) in sorted(pins().items()):
        licence, holder, part, use = PARTS[name]
        packages.append(package(name, licence, holder, use, versionInfo=commit,
                                downloadLocation=f"git+https://github.com/{repository}@{commit}",
                                externalRefs=[{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                               "referenceLocator": f"pkg:github/{repository.lower()}@{commit}"}]))
        relations.append((spdx_id(own[part]), "CONTAINS", spdx_id(name)))
    for name, (licence, holder, part, use) in SYSTEM.items():
        packages.append(package(name, licence, holder, use))
        relations.append((spdx_id(own[part]), "DYNAMIC_LINK" if name == "libzip" else "CONTAINS", spdx_id(name)))
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"pocketbert-{version()}",
        "documentNamespace": f"https://spdx.org/spdxdocs/pocketbert-{version()}",
        "creationInfo": {"created": "1970-01-01T00:00:00Z", "creators": ["Tool: toolchains/bill_of_materials.py"],
                         "comment": "The date is no date: the document says the same whenever it is made."},
        "packages": packages,
        "relationships": [{"spdxElementId": a, "relationshipType": kind, "relatedSpdxElement": b} for a, kind, b in relations],
    }


def main():
    text = json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
    if sys.argv[1:] == ["--check"]:
        with open(OUTPUT, encoding="utf8") as file:
            if file.read() != text:
                sys.exit(f"{OUTPUT}: not what toolchains/bill_of_materials.py makes today: run it")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        with open(OUTPUT, "w", encoding="utf8") as file:
            file.write(text)


if __name__ == "__main__":
    main()
