# SPDX-License-Identifier: GPL-2.0-only
"""gdb commands for UMC: the emulated kernel's tasks and distribution modules.

    (gdb) source tools/gdb/umc-gdb.py
    (gdb) umc-ps           the tasks, and where each of them waits
    (gdb) umc-bt PID       the backtrace of a task that is not running
    (gdb) umc-ko           tells gdb about loaded .ko modules (.so modules it knows by itself)
"""
import gdb

SAVED = ["r15", "r14", "r13", "r12", "rbx", "rbp", "rip"]  # what a switch leaves on a parked task's stack
STATES = [(0x1, "S"), (0x2, "D"), (0x4, "T"), (0x8, "t"), (0x10, "X"), (0x20, "Z"), (0x40, "P"), (0x80, "I")]
TASK_NOLOAD = 0x400
SCHEDULER = ("schedule", "umc_switch", "__schedule", "io_schedule", "preempt_schedule")


def variable(name, file=None):
    """A variable of the kernel side; `file` when the name is not unique."""
    return gdb.parse_and_eval(f"'{file}'::{name}" if file else name)


def pointer(type_name):
    return gdb.lookup_type(type_name).pointer()


def container(address, type_name, member):
    struct = gdb.lookup_type(type_name)
    offset = next(f.bitpos // 8 for f in struct.fields() if f.name == member)
    return gdb.Value(int(address) - offset).cast(struct.pointer()).dereference()


def list_entries(head, type_name, member):
    at = head["next"]
    while int(at) != int(head.address):
        entry = container(at, type_name, member)
        yield entry
        at = entry[member]["next"]


def tasks():
    init = variable("init_task")
    yield init
    yield from list_entries(init["tasks"], "struct task_struct", "tasks")


def find_task(pid):
    for task in tasks():
        if int(task["pid"]) == pid:
            return task
    raise gdb.GdbError(f"no task with pid {pid}")


def state_letter(task):
    state = int(task["__state"])
    if state & 0x2 and state & TASK_NOLOAD:
        return "I"
    return next((letter for bit, letter in STATES if state & bit), "R")


def is_running(task):
    return int(task["on_cpu"]) != 0


def word(address):
    return int(gdb.Value(address).cast(pointer("unsigned long")).dereference())


def parked_registers(task):
    sp = int(task["thread"]["sp"])
    registers = {name: word(sp + 8 * n) for n, name in enumerate(SAVED)}
    registers["rsp"] = sp + 8 * len(SAVED)
    return registers


def frame_pointers(task):
    """Return addresses of a parked task by its frame pointers: for core files, whose registers cannot be set."""
    registers = parked_registers(task)
    low = int(task["stack"])
    yield registers["rip"]
    bp = registers["rbp"]
    while low <= bp < low + 0x10000 and bp % 8 == 0:
        yield word(bp + 8)
        following = word(bp)
        if following <= bp:
            break
        bp = following


def describe(address):
    block = gdb.block_for_pc(address - 1)
    while block and not block.function:
        block = block.superblock
    name = block.function.name if block else None
    if not name:
        text = gdb.execute(f"info symbol {address - 1:#x}", to_string=True).split(" in section")[0].strip()
        name = "??" if text.startswith("No symbol") else text.split(" + ")[0]
    line = gdb.find_pc_line(address - 1)
    return name, f"{line.symtab.filename}:{line.line}" if line.symtab else ""


def wait_channel(task):
    if is_running(task):
        return ""
    for address in frame_pointers(task):
        name, _ = describe(address)
        if not name.startswith(SCHEDULER):
            return name
    return "?"


class Ps(gdb.Command):
    """umc-ps: the tasks of the emulated kernel, with the function each one waits in."""

    def __init__(self):
        super().__init__("umc-ps", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        print(f"{'PID':>6} {'CPU':>3} S {'TASK':<18} {'COMM':<16} WCHAN")
        for task in tasks():
            state = "R" if is_running(task) else state_letter(task)
            print(f"{int(task['pid']):>6} {int(task['thread_info']['cpu']):>3} {state} "
                  f"{int(task.address):#018x} {task['comm'].string():<16} {wait_channel(task)}")


class Backtrace(gdb.Command):
    """umc-bt PID: the backtrace of a task that is not running."""

    def __init__(self):
        super().__init__("umc-bt", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        if not argument.strip():
            raise gdb.GdbError("usage: umc-bt PID")
        task = find_task(int(gdb.parse_and_eval(argument)))
        if is_running(task):
            raise gdb.GdbError(f"pid {argument} runs on CPU {int(task['thread_info']['cpu'])}: "
                               "look at the threads of the process (info threads)")
        print(f"pid {int(task['pid'])} ({task['comm'].string()}), state {state_letter(task)}")
        try:
            self.by_registers(task)
        except gdb.error:
            self.by_frame_pointers(task)

    @staticmethod
    def by_registers(task):
        thread = gdb.selected_thread()
        frame = gdb.selected_frame()
        gdb.newest_frame().select()
        new = parked_registers(task)
        old = {name: int(gdb.parse_and_eval(f"(unsigned long)${name}")) for name in new}
        changed = []
        try:
            for name, value in new.items():
                gdb.execute(f"set ${name} = {value:#x}", to_string=True)
                changed.append(name)
            text = gdb.execute("backtrace", to_string=True)
        finally:
            for name in changed:
                gdb.execute(f"set ${name} = {old[name]:#x}", to_string=True)
            if thread.is_valid() and frame.is_valid():
                frame.select()
        print(text, end="")

    @staticmethod
    def by_frame_pointers(task):
        for number, address in enumerate(frame_pointers(task)):
            name, where = describe(address)
            print(f"#{number:<3}{address:#018x} in {name} () {'at ' + where if where else ''}")


class Ko(gdb.Command):
    """umc-ko: tells gdb where the sections of every loaded .ko module lie (add-symbol-file)."""

    def __init__(self):
        super().__init__("umc-ko", gdb.COMMAND_FILES)

    def invoke(self, argument, from_tty):
        head = variable("records", "load.c")
        for record in list_entries(head, "struct module_record", "list"):
            image = record["image"].dereference()
            if int(image["is_so"]):
                continue
            options = ""
            text = None
            for n in range(int(image["section_count"])):
                section = image["sections"][n]
                name, address = section["name"].string(), int(section["address"])
                if name == ".text":
                    text = address
                elif address and not name.startswith(".data..percpu"):
                    options += f" -s {name} {address:#x}"
            path = image["path"].string()
            gdb.execute(f"add-symbol-file {path} {text or 0:#x}{options}", to_string=True)
            print(f"{record['mod']['name'].string()}: {path}")


Ps()
Backtrace()
Ko()
