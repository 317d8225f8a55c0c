"""The kernel's doors to more rights, and its parts that no function needs."""

from sandbox.lab import control

FORBIDDEN = {"EPERM"}
GONE = {"ENOENT", "EACCES"}


def test_mount(attack):
    attack(FORBIDDEN, wrapper=control.OWN_MOUNTS)


def test_umount(attack):
    attack(FORBIDDEN, wrapper=(*control.OWN_MOUNTS, *control.OWN_PROCESSES))


def test_pivot_root(attack):
    attack(FORBIDDEN, wrapper=control.OWN_MOUNTS)


def test_nested_userns(attack):
    # The filter can't look into the arguments of clone3, so it says that there is no such call.
    attack({"clone3": {"ENOSYS"}, ...: FORBIDDEN})


def test_setns_via_proc(attack):
    attack({"the init's": GONE, "a stranger's": GONE, ...: FORBIDDEN})


def test_setuid_binary(attack, arena):
    """Root's own programs, in a place that functions see."""
    held = arena.attempt("setuid-binary")
    assert held["setuid"] == "refused: nothing" and held["capabilities"] in ("refused: nothing", "refused: EPERM"), held

    def proof():
        """Run by nobody on the host, they have root's rights."""
        programs = arena.bait.programs
        assert control.as_nobody(programs.setuid, "-u") == "0"
        assert "CapEff:\t0000000000000000" not in control.as_nobody(programs.capable, "/proc/self/status")
        return True

    attack.control(proof, True)


def test_cap_regain(attack):
    attack({"bounding set": {"nothing"}, "root": {"EPERM", "EINVAL"}, "new privileges": {"EINVAL"}, ...: FORBIDDEN})


def test_bpf(attack):
    attack(FORBIDDEN)


def test_perf_event_open(attack):
    attack(FORBIDDEN)


def test_io_uring_bypass(attack):
    attack(FORBIDDEN)


def test_userfaultfd(attack):
    attack(FORBIDDEN)


def test_keyctl_read(attack):
    attack({"list": {"nothing", "ENOENT"}, ...: FORBIDDEN})


def test_kexec_and_module(attack):
    files = GONE | {"EROFS", "nothing"}
    attack({name: files for name in ("core dumps", "module loader", "events", "sysrq")} | {...: FORBIDDEN})


def test_add_seccomp_bypass_by_x32_abi(attack):
    attack({"EPERM", "SIGSYS"}, root=False)


def test_cgroup_release_agent(attack):
    attack({"found": {"nothing"}, "mounted": FORBIDDEN}, wrapper=control.OWN_MOUNTS)


def test_cgroup_escape_write(attack):
    attack({"move": GONE, "limits": {"nothing"}, "mount": FORBIDDEN}, wrapper=control.OWN_MOUNTS)
