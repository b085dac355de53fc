package scratch

import "testing"

func TestMemoryStartsOnACacheLine(t *testing.T) {
	var l List
	for _, n := range []int{0, 1, 15, 16, 17, 1000, 12345} {
		m := l.Borrow(n)
		if len(m.Numbers) < n || uintptr(m.Start())%line != 0 {
			t.Errorf("%d numbers: got %d at %p", n, len(m.Numbers), m.Start())
		}
		defer m.GiveBack()
	}
}

// What one list hands out never becomes another one's.
func TestListsKeepTheirOwn(t *testing.T) {
	var passes, jobs List
	pass, job := passes.Borrow(5000), jobs.Borrow(10)
	pass.GiveBack()
	job.GiveBack()
	if again := jobs.Borrow(10); again != job || len(again.Numbers) != 10 {
		t.Errorf("got back %d numbers of another list, want 10 of its own", len(again.Numbers))
	}
	if again := passes.Borrow(20); again != pass {
		t.Error("what was given back is not used again")
	}
}

func TestBorrowAllocatesNothing(t *testing.T) {
	var l List
	if n := testing.AllocsPerRun(100, func() { l.Borrow(100).GiveBack() }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
