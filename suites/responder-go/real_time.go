package main

import (
	"os"
	"strconv"
	"syscall"
	"unsafe"
)

const (
	schedOther = 0
	schedFifo  = 1
	mclCurrent = 1
	mclFuture  = 2
)

type schedParam struct{ priority int32 }

func setFifo(thread, priority int) error {
	parameters := schedParam{int32(priority)}
	_, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_SETSCHEDULER, uintptr(thread), schedFifo,
		uintptr(unsafe.Pointer(&parameters)))
	if errno != 0 {
		return failure{"real-time priority " + strconv.Itoa(priority) + " can't be had (" + errno.Error() +
			"): grant CAP_SYS_NICE or raise RLIMIT_RTPRIO", exitNoRight}
	}
	return nil
}

func lockMemory() error {
	if err := syscall.Mlockall(mclCurrent | mclFuture); err != nil {
		return failure{"memory can't be locked (" + err.Error() + "): grant CAP_IPC_LOCK or raise RLIMIT_MEMLOCK",
			exitNoRight}
	}
	return nil
}

// The other threads of this process.
func otherThreads() ([]int, error) {
	entries, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return nil, err
	}
	var threads []int
	for _, entry := range entries {
		if thread, err := strconv.Atoi(entry.Name()); err == nil && thread != syscall.Gettid() {
			threads = append(threads, thread)
		}
	}
	return threads, nil
}

// Memory is locked, this thread answers at `priority`, and the runtime's other threads run at
// `runtimePriority`; 0 leaves them SCHED_OTHER. Threads that the runtime starts later are copies of its
// template thread, which LockOSThread() started, and so of those.
func becomeRealTime(priority, runtimePriority int) error {
	if err := lockMemory(); err != nil {
		return err
	}
	for done := map[int]bool{}; runtimePriority > 0; {
		threads, err := otherThreads()
		if err != nil {
			return err
		}
		fresh := false
		for _, thread := range threads {
			if done[thread] {
				continue
			}
			if err := setFifo(thread, runtimePriority); err != nil {
				return err
			}
			done[thread], fresh = true, true
		}
		if !fresh {
			break
		}
	}
	return setFifo(0, priority)
}

func priorityReadBack() int {
	var parameters schedParam
	_, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_GETPARAM, 0, uintptr(unsafe.Pointer(&parameters)), 0)
	if errno != 0 {
		return -1
	}
	return int(parameters.priority)
}

type pageFaults struct{ minor, major int64 }

func pageFaultsNow() pageFaults {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return pageFaults{}
	}
	return pageFaults{int64(usage.Minflt), int64(usage.Majflt)}
}
