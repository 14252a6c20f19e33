package main

import (
	"strings"
	"testing"
)

func TestOptionsAreReadAndHaveDefaults(t *testing.T) {
	o, help, err := parse(strings.Fields("--chip 9030000.pl061 --stimulus 3 --response 4"))
	if err != nil || help != "" {
		t.Fatal(err, help)
	}
	if o != (options{chip: "9030000.pl061", stimulus: 3, edge: "rising", response: 4, priority: 80}) {
		t.Errorf("%+v", o)
	}
	words := "--chip c --edge falling --gogc off --memory-limit-mib 24 --allocate-kib 16 --live-mib 8 --grow-mib 64 --processors 4 --runtime-priority 1"
	o, _, err = parse(strings.Fields(words))
	want := options{chip: "c", edge: "falling", priority: 80, runtimePriority: 1, processors: 4, gogc: "off", memoryLimitMiB: 24, allocateKiB: 16,
		liveMiB: 8, growMiB: 64}
	if err != nil || o != want {
		t.Errorf("%+v %v", o, err)
	}
}

func TestWrongOptionsAreRefusedByName(t *testing.T) {
	for _, words := range []string{
		"", "--chip c --gogc 0", "--chip c --gogc some", "--chip c --gogc -1", "--chip c --priority 0", "--chip c --priority 100",
		"--chip c --runtime-priority -1", "--chip c --processors -1", "--chip c --memory-limit-mib -1", "--chip c --allocate-kib -1",
		"--chip c --live-mib 8", "--chip c --picture 33", "--chip c --picture -32", "--chip c --keep-buffers", "--chip c --grow-mib -1", "--chip c --stimulus x", "--chip c --edge both", "--chip c --wrong 1",
	} {
		_, _, err := parse(strings.Fields(words))
		failed, ok := err.(failure)
		if !ok || failed.status != exitUsage {
			t.Errorf("%q: %v", words, err)
			continue
		}
		named := strings.Fields(words + " --chip")
		name := strings.TrimLeft(named[len(named)-1], "-")
		if words != "" {
			name = strings.TrimLeft(named[2], "-")
		}
		if !strings.Contains(failed.what, name) {
			t.Errorf("%q: %s does not name %s", words, failed.what, name)
		}
	}
	if _, _, err := parse([]string{"--chip", "c", "more"}); err == nil {
		t.Error("a word that is no option")
	}
}

func TestHelpIsNoError(t *testing.T) {
	_, help, err := parse([]string{"--help"})
	if err != nil || !strings.Contains(help, "-allocate-kib") || !strings.Contains(help, "Example: ") {
		t.Errorf("%v %s", err, help)
	}
}
