#!/usr/bin/env python3
"""The bill of materials names everything that deps.cmake pins, is what its script makes today, and is an SPDX document."""
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SCRIPT = os.path.join(ROOT, 'toolchains/bill_of_materials.py')


def main():
    complaints = []
    check = subprocess.run([sys.executable, SCRIPT, '--check'], capture_output=True, text=True)
    if check.returncode != 0:
        complaints.append(check.stderr.strip())
    with open(os.path.join(ROOT, 'toolchains/bill_of_materials.spdx.json'), encoding='utf8') as file:
        document = json.load(file)
    with open(os.path.join(ROOT, 'toolchains/deps.cmake'), encoding='utf8') as file:
        pinned = {commit for commit in re.findall(r'\b[0-9a-f]{40}\b', file.read())}
    versions = {package.get('versionInfo') for package in document['packages']}
    missing = pinned - versions
    if len(missing) != 1:  # doctest, which is not shipped
        complaints.append(f'pinned and not in the document: {missing}')
    ids = {package['SPDXID'] for package in document['packages']} | {'SPDXRef-DOCUMENT'}
    for relation in document['relationships']:
        if not {relation['spdxElementId'], relation['relatedSpdxElement']} <= ids:
            complaints.append(f'relates what is not there: {relation}')
    for package in document['packages']:
        for key in ('name', 'SPDXID', 'downloadLocation', 'licenseConcluded', 'licenseDeclared', 'copyrightText'):
            if not package.get(key):
                complaints.append(f'{package.get("name")}: no {key}')
        if not re.fullmatch(r'SPDXRef-[A-Za-z0-9.-]+', package['SPDXID']):
            complaints.append(f'{package["SPDXID"]}: not an SPDX identifier')
    for complaint in complaints:
        print('FAILED:', complaint)
    print(f'[pocketbert] {len(document["packages"])} parts, {len(complaints)} complaints')
    sys.exit(1 if complaints else 0)


main()
