"""Debian's packages: what is in them, what they need and, with POCKETBERT_ALL=1 (tests/run.sh --all), that a clean Debian 12 for arm64 and
for armhf takes them under qemu-user: installed by dpkg, asked, C and Python built against them, removed without a trace.

Skipped where there are no tools for packages, for another processor's where there is no cross compiler, qemu, mirror, or no kernel with a
binfmt_misc of one's own (Linux 6.7; nothing is registered for the rest of the machine)."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
VERSION = re.search(r"^project\(pocketbert VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text(), re.M)[1]
TRIPLES = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu", "armhf": "arm-linux-gnueabihf"}
SENTENCE = "please set an alarm for six thirty"
EMULATED = {  # emulator, what binfmt_misc knows its programs by, a processor for each set of kernels
    "arm64": ("qemu-aarch64-static", rb":\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:",
              {"cortex-a53": "neon", "cortex-a72": "neon", "cortex-a76": "neondot"}),
    "armhf": ("qemu-arm-static", rb":\x7fELF\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x28\x00:", {"cortex-a15": None}),
}


def skip(why):
    print(f"SKIPPED: Debian's packages: {why}")
    sys.exit(77)


def output(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{' '.join(map(str, command))}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


def make(arch):
    """The packages by name."""
    output(ROOT / "platforms/linux/package.sh", arch)
    names = ("pocketbert", "libpocketbert0", "libpocketbert-dev")
    return {name: ROOT / f"build/linux/{arch}/{name}_{VERSION}_{arch}.deb" for name in names}


def check_contents(arch, packages):
    lib = f"usr/lib/{TRIPLES[arch]}"
    wanted = {
        "pocketbert": {"usr/bin/pocketbert", "usr/share/man/man1/pocketbert.1.gz", "usr/share/bash-completion/completions/pocketbert",
                       "usr/share/zsh/vendor-completions/_pocketbert", "usr/share/fish/vendor_completions.d/pocketbert.fish",
                       "usr/share/pocketbert/demo.pbert"},
        "libpocketbert0": {f"{lib}/libpocketbert.so.0", f"{lib}/libpocketbert.so.{VERSION}"},
        "libpocketbert-dev": {"usr/include/pocketbert/pocketbert.h", "usr/include/pocketbert/pocketbert.hpp", f"{lib}/libpocketbert.a",
                              f"{lib}/libpocketbert.so", f"{lib}/pkgconfig/pocketbert.pc", f"{lib}/cmake/pocketbert/pocketbertConfig.cmake",
                              f"{lib}/cmake/pocketbert/pocketbertConfigVersion.cmake"},
    }
    for name, package in packages.items():
        listing = output("dpkg-deb", "-c", package).splitlines()
        found = {line.split()[5][2:] for line in listing if not line.startswith("d")}
        documents = {path for path in found if path.startswith(f"usr/share/doc/{name}/")}
        assert found - documents == wanted[name], (name, (found - documents) ^ wanted[name])
        assert {f"usr/share/doc/{name}/copyright", f"usr/share/doc/{name}/changelog.gz"} <= documents, (name, documents)
        for line in listing:
            assert line.split()[1] == "root/root", line
            assert not re.match(r".[r-][w-].(.w|.{4}w)", line.split()[0]) or line[0] == "l", f"others may write: {line}"
        fields = dict(re.findall(r"^([\w-]+): (.*)", output("dpkg-deb", "-f", package), re.M))
        assert fields["Version"] == VERSION and fields["Architecture"] == arch and fields["Source"] == "pocketbert", fields
        assert "cross" not in fields["Depends"] and ":" not in fields["Depends"], fields["Depends"]
        if name == "libpocketbert-dev":
            assert f"libpocketbert0 (= {VERSION})" in fields["Depends"], fields["Depends"]
        else:
            assert re.search(r"\blibc6 \(>= 2\.\d+\)", fields["Depends"]) and "libstdc++6" in fields["Depends"], fields["Depends"]
            assert "libpocketbert" not in fields["Depends"]
        print(f"{package.name}: {package.stat().st_size} bytes; {fields['Depends']}")
    if shutil.which("lintian"):
        output("lintian", "--allow-root", "--fail-on", "error", *packages.values())
    else:
        print("no lintian here: its rules were not looked at")


IN_ROOT = r"""
set -e
everything() { find / -xdev \( -path /proc -o -path /sys -o -path /packages -o -path /tmp -o -path /var/lib/dpkg -o -path /var/log \) -prune -o -print | sort; }
everything >/tmp/before
dpkg -i /packages/*.deb >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
for name in pocketbert libpocketbert0 libpocketbert-dev; do dpkg -s $name | grep Status; done
pocketbert convert /packages/checkpoint -o /tmp/own.pbert >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
for cpu in $CPUS; do
  echo "$cpu: $(QEMU_CPU=$cpu pocketbert run /tmp/own.pbert "$SENTENCE")"
  echo "$cpu doctor: $(QEMU_CPU=$cpu pocketbert doctor | tr '\n' ' ')"
done
echo "demo: $(pocketbert run /usr/share/pocketbert/demo.pbert --reject "$SENTENCE")"
cd /tmp
example=/usr/share/doc/libpocketbert-dev/examples/example.c
gcc -o shared $example $(pkg-config --cflags --libs pocketbert)
readelf -d shared | grep -q 'NEEDED.*libpocketbert.so.0'
echo "shared: $(./shared own.pbert "$SENTENCE")"
gcc -o static $example -Wl,-Bstatic $(pkg-config --cflags --libs pocketbert) -Wl,-Bdynamic $(pkg-config --static --libs pocketbert | sed s/-lpocketbert//)
if readelf -d static | grep -q libpocketbert; then echo "the archive was not linked"; exit 1; fi
echo "static: $(./static own.pbert "$SENTENCE")"
gcc -o readme /packages/example.c $(pkg-config --cflags --libs pocketbert)
echo "readme: $(./readme)"
PYTHONDONTWRITEBYTECODE=1 python3 /packages/example.py
cd /
dpkg -P pocketbert libpocketbert-dev libpocketbert0 >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
everything >/tmp/after
diff /tmp/before /tmp/after && echo "nothing left"
"""


def lines_of_readme(language):
    readme = (ROOT / "platforms/linux/README.md").read_text()
    return re.search(rf"^```{language}\n(.*?)^```", readme, re.M | re.S)[1]


def check_installed(arch, packages, folder):
    emulator, magic, processors = EMULATED[arch]
    root = folder / arch
    output(HERE / "make_root.sh", arch, root)
    shared = root / "packages"
    shared.mkdir()
    for package in packages.values():
        shutil.copy(package, shared)
    shutil.copytree(ROOT / "platforms/demo/checkpoint", shared / "checkpoint")
    (shared / "example.py").write_text(lines_of_readme("python"))
    (shared / "example.c").write_text(lines_of_readme("c"))
    (shared / "run.sh").write_text(IN_ROOT)
    mask = rb"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"
    (folder / "rule").write_bytes(b":pocketbert-" + arch.encode() + b":M:" + magic + mask + b":"
                                  + shutil.which(emulator).encode() + b":F")
    # A user namespace of its own has a binfmt_misc of its own: no other process of the machine sees this.
    outside = f"""mount -t binfmt_misc binfmt /proc/sys/fs/binfmt_misc && cat {folder}/rule >/proc/sys/fs/binfmt_misc/register &&
      mount --rbind /proc {root}/proc && mount --rbind /sys {root}/sys && mount --bind /dev/null {root}/dev/null || exit 77
      exec chroot {root} /bin/sh /packages/run.sh"""
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp", "LC_ALL": "C.UTF-8", "SENTENCE": SENTENCE, "CPUS": " ".join(processors)}
    done = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", outside], capture_output=True, text=True, env=environment)
    if done.returncode == 77:
        skip(f"this kernel gives no binfmt_misc of one's own: {done.stderr}")
    print(done.stdout)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Status: install ok installed") == 3
    for cpu, isa in processors.items():
        assert re.search(rf"^{cpu}: alarm 0\.9\d+$", done.stdout, re.M), cpu
        if isa:
            assert re.search(rf"^{cpu} doctor: .*\b{isa} \(used\)", done.stdout, re.M), (cpu, isa)
    for way in ("demo", "shared", "static", "readme", "python"):
        assert re.search(rf"^{way}: alarm 0\.9\d+$", done.stdout, re.M), way
    assert "nothing left" in done.stdout


def main():
    for tool in ("dpkg-deb", "dpkg-shlibdeps", "g++", "ninja"):
        if not shutil.which(tool):
            skip(f"no {tool}")
    machine = output("dpkg", "--print-architecture").strip()
    check_contents(machine, make(machine))
    if os.environ.get("POCKETBERT_ALL") != "1":
        return print("Packages for ARM: with POCKETBERT_ALL=1 only")
    for arch, (emulator, *_) in EMULATED.items():
        for tool in (emulator, f"{TRIPLES[arch]}-g++", "unshare", "apt-get"):
            if not shutil.which(tool):
                skip(f"no {tool}")
        packages = make(arch)
        check_contents(arch, packages)
        with tempfile.TemporaryDirectory() as folder:
            check_installed(arch, packages, pathlib.Path(folder))


if __name__ == "__main__":
    main()
