"""Runs a program as an ARM core that is not there: which blocks of instructions one answer takes, and llvm-mca's cycles for them.

What the program can ask about its processor is answered by files in a folder that qemu looks into before the machine's own /proc and
/sys, so no root is needed.
"""
import bisect
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass

LAB = os.environ.get('POCKETBERT_ARM') or os.path.join(
    os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'), 'pocketbert/arm')

ARMV8 = 'fp asimd evtstrm crc32 cpuid'
ARMV8_2 = 'fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp'
ARMV9 = ARMV8_2 + ' jscvt fcma sha3 sha512 asimdfhm dit uscat ilrcpc flagm ssbs sb paca pacg dcpodp flagm2 frint i8mm bf16'

# llvm-mca's cycles are taken for the hottest blocks, until this share of the instructions is covered; the rest counts as their average.
SHARE_ESTIMATED = 0.995
ITERATIONS = 50


@dataclass(frozen=True)
class Core:
    """qemu_cpu and scheduling_model are the nearest that qemu 7.2 and llvm 19 have."""
    found_in: str
    qemu_cpu: str
    cpu_part: int  # of the MIDR, by which XNNPACK and we choose kernels
    features: str  # as Linux writes them in /proc/cpuinfo
    scheduling_model: str


# SVE is off as no kernel, of ours or of XNNPACK's at this version, uses it.
CORES = {
    'cortex-a53': Core('Raspberry Pi 3, Zero 2 W', 'cortex-a53', 0xd03, ARMV8, 'cortex-a53'),
    'cortex-a72': Core('Raspberry Pi 4', 'cortex-a72', 0xd08, ARMV8, 'cortex-a57'),
    'cortex-a55': Core('phones\' small cores from 2018', 'cortex-a76', 0xd05, ARMV8_2, 'cortex-a55'),
    'cortex-a76': Core('Raspberry Pi 5, phones from 2019', 'cortex-a76', 0xd0b, ARMV8_2, 'neoverse-n1'),
    'cortex-a510': Core('phones\' small cores from 2022', 'max,sve=off,sme=off', 0xd46, ARMV9, 'cortex-a510'),
    'cortex-a710': Core('phones from 2022', 'max,sve=off,sme=off', 0xd47, ARMV9, 'cortex-a710'),
}


def missing_tools():
    """What setup.sh has not made yet."""
    return [name for name in ('qemu-aarch64', 'blocks.so', 'root/site/ai_edge_litert', 'distilbert') if not os.path.exists(os.path.join(LAB, name))]


def write(folder, name, content):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='ascii') as file:
        file.write(content)


def make_root(folder, core):
    """The lab's arm64 system as a machine of four such cores."""
    for name in os.listdir(os.path.join(LAB, 'root')):
        os.symlink(os.path.join(LAB, 'root', name), os.path.join(folder, name))
    cpus = 'sys/devices/system/cpu/'
    for name in ('possible', 'present', 'online'):
        write(folder, cpus + name, '0-3\n')
    write(folder, cpus + 'kernel_max', '3\n')
    described = ''
    for i in range(4):
        cpu = f'{cpus}cpu{i}/'
        write(folder, cpu + 'cpufreq/cpuinfo_max_freq', '2400000\n')
        write(folder, cpu + 'cpufreq/cpuinfo_min_freq', '1500000\n')
        write(folder, cpu + 'topology/physical_package_id', '0\n')
        for name in ('core_siblings_list', 'cluster_cpus_list'):
            write(folder, f'{cpu}topology/{name}', '0-3\n')
        for name in ('core_siblings', 'cluster_cpus'):
            write(folder, f'{cpu}topology/{name}', 'f\n')
        write(folder, cpu + 'cpu_capacity', '1024\n')
        described += (f'processor\t: {i}\nBogoMIPS\t: 108.00\nFeatures\t: {core.features}\nCPU implementer\t: 0x41\n'
                      f'CPU architecture: 8\nCPU variant\t: 0x1\nCPU part\t: {core.cpu_part:#x}\nCPU revision\t: 1\n\n')
    write(folder, 'proc/cpuinfo', described)


def count_blocks(core, command, text=None):
    """Runs the command; returns {(address, words): times it ran} and what it printed."""
    with tempfile.TemporaryDirectory(prefix='pocketbert-arm-') as folder:
        root, counts = os.path.join(folder, 'root'), os.path.join(folder, 'counts')
        os.mkdir(root)
        make_root(root, core)
        # Python's hashes would differ from run to run otherwise, and the difference of two runs would count that.
        environment = {**os.environ, 'PYTHONHASHSEED': '0', 'LD_LIBRARY_PATH': ''}
        process = subprocess.run(
            [os.path.join(LAB, 'qemu-aarch64'), '-L', root, '-cpu', core.qemu_cpu, '-plugin', f'{LAB}/blocks.so,out={counts}', *command],
            input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, check=False)
        if process.returncode != 0:
            sys.exit(f'count: {" ".join(command)[:200]}: status {process.returncode}\n{process.stdout[-500:]}{process.stderr[-2000:]}')
        blocks = {}
        with open(counts, encoding='ascii') as file:
            for line in file:
                address, runs, *words = line.split()
                blocks[int(address, 16), tuple(words)] = int(runs, 16)
        return blocks, process.stdout


def one_answer(run, few, more):
    """The blocks of one answer: the difference between a run with more answers and one with few, so start and load are left out.

    run(n) gives the blocks of n answers. Both runs go at once, on two processors."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        fewer_blocks, more_blocks = pool.map(run, (few, more))
    answer = {}
    for block, runs in more_blocks.items():
        difference = (runs - fewer_blocks.get(block, 0)) / (more - few)
        if difference > 0:
            answer[block] = difference
    return answer


def instructions(blocks):
    return sum(runs * len(words) for (_, words), runs in blocks.items())


def disassemble(words):
    """{word: assembly}, without words that are no instruction that llvm knows."""
    listing = '\n'.join(' '.join(f'0x{word[i:i + 2]}' for i in (6, 4, 2, 0)) for word in words)
    process = subprocess.run(['llvm-mc-19', '--disassemble', '-triple=aarch64', '-mattr=+all'], input=listing, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    unknown = {int(line) - 1 for line in re.findall(r'<stdin>:(\d+):\d+: warning: invalid', process.stderr)}
    lines = [line.strip() for line in process.stdout.splitlines() if line.strip() and not line.strip().startswith('.')]
    known = [word for i, word in enumerate(words) if i not in unknown]
    if len(known) != len(lines):
        sys.exit(f'count: llvm-mc-19 took {len(known)} instructions and gave {len(lines)}\n{process.stderr[-500:]}')
    return dict(zip(known, lines))


def cycles_of_blocks(core, all_words):
    """{words of a block: llvm-mca's cycles for it, as if it ran over and over}."""
    assembly = disassemble(sorted({word for words in all_words for word in words}))
    regions = []
    for number, words in enumerate(all_words):
        regions += [f'# LLVM-MCA-BEGIN block{number}', *(assembly.get(word, 'nop') for word in words), '# LLVM-MCA-END']
    report = subprocess.run(
        ['llvm-mca-19', '-mtriple=aarch64', '-mcpu=' + core.scheduling_model, '-mattr=+dotprod,+fullfp16,+i8mm,+bf16',
         '-skip-unsupported-instructions=any', f'-iterations={ITERATIONS}', '-resource-pressure=false', '-instruction-info=false'],
        input='\n'.join(regions) + '\n', text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    cycles = {}
    for number, total in re.findall(r'Code Region - block(\d+)\n.*?Total Cycles:\s+(\d+)', report.stdout, re.DOTALL):
        cycles[all_words[int(number)]] = int(total) / ITERATIONS
    if len(cycles) != len(all_words):
        sys.exit(f'count: llvm-mca-19 gave the cycles of {len(cycles)} blocks out of {len(all_words)}\n{report.stderr[-1000:]}')
    return cycles


def estimate(core, blocks):
    """{block: estimated cycles of all its runs}."""
    weights = {}
    for (_, words), runs in blocks.items():
        weights[words] = weights.get(words, 0) + runs * len(words)
    wanted, hottest, covered = SHARE_ESTIMATED * sum(weights.values()), [], 0
    for words in sorted(weights, key=lambda w: (-weights[w], w)):
        if covered >= wanted:
            break
        hottest.append(words)
        covered += weights[words]
    once = cycles_of_blocks(core, hottest)
    average = sum(once[words] * weights[words] / len(words) for words in hottest) / covered
    return {block: runs * once.get(block[1], average * len(block[1])) for block, runs in blocks.items()}


def functions(binary):
    """A function that gives the name of the function at an address, '?' before the first."""
    listing = subprocess.run(['aarch64-linux-gnu-nm', '-C', binary], stdout=subprocess.PIPE, text=True, check=True).stdout
    symbols = sorted((int(address, 16), name) for address, name in re.findall(r'^([0-9a-f]+) [tTwWiV] (?!\$)(.*)$', listing, re.MULTILINE))
    starts = [address for address, _ in symbols]

    def name_at(address):
        i = bisect.bisect_right(starts, address) - 1
        return symbols[i][1] if i >= 0 else '?'
    return name_at
