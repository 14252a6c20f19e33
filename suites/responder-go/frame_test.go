package main

import "testing"

const parts = 10000

func TestEveryPartIsDecidedRightly(t *testing.T) {
	i := newInspection(96, true)
	scratched := 0
	least, most := int32(1<<30), int32(0)
	for n := 0; n < parts; n++ {
		b := i.kept
		truth := i.capture(b.picture)
		i.preprocess(b.picture, b.input)
		infer(b.input, b.features)
		strongest := int32(0)
		for _, value := range b.features {
			if value > strongest {
				strongest = value
			}
		}
		if truth {
			scratched++
			if strongest < least {
				least = strongest
			}
		} else if strongest > most {
			most = strongest
		}
	}
	t.Logf("of %d parts %d are scratched; an even surface gives %d at most, a scratch %d at least", parts, scratched, most, least)
	if scratched < parts*4/10 || scratched > parts*6/10 {
		t.Errorf("%d of %d are scratched", scratched, parts)
	}
	if most >= threshold || least <= threshold {
		t.Errorf("the threshold does not part %d from %d", most, least)
	}
}

func TestAWrongDecisionIsCounted(t *testing.T) {
	i := newInspection(96, true)
	defer func(was [filters][taps * taps]int8) { weights = was }(weights)
	weights = [filters][taps * taps]int8{} // they see no scratch any more
	for n := 0; n < 100; n++ {
		i.inspect()
	}
	if i.wrong < 10 {
		t.Errorf("%d of 100 are wrong", i.wrong)
	}
}

func TestNewBuffersAreGarbageAndKeptOnesAreNot(t *testing.T) {
	fresh, kept, none := newInspection(96, false), newInspection(96, true), newInspection(0, false)
	if got := testing.AllocsPerRun(100, fresh.inspect); got < 3 {
		t.Errorf("%v allocations a picture", got)
	}
	for _, each := range []*inspection{kept, none} {
		if got := testing.AllocsPerRun(100, each.inspect); got != 0 {
			t.Errorf("%v allocations a picture", got)
		}
		if each.wrong != 0 {
			t.Errorf("%d wrong", each.wrong)
		}
	}
}

func TestBothWaysDecideAlike(t *testing.T) {
	fresh, kept := newInspection(64, false), newInspection(64, true)
	for n := 0; n < 200; n++ {
		fresh.inspect()
		kept.inspect()
	}
	if fresh.wrong != kept.wrong || fresh.state != kept.state {
		t.Errorf("%d and %d wrong", fresh.wrong, kept.wrong)
	}
}
