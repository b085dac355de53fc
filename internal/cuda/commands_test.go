package cuda

import (
	"testing"

	"github.com/pkg/errors"
)

func TestLayout(t *testing.T) {
	const scratch, perStep, reports = 1 << 20, 2 << 20, 3 << 20
	c := NewCommands(scratch, perStep, reports)
	c.Next(3)
	if a, b := c.Scratch(65), c.Scratch(1); a != scratch || b != scratch+512 {
		t.Errorf("scratch at %d and %d, want %d and %d", a, b, scratch, scratch+512)
	}
	words := c.PerStep(2, func(step uint64, words []uint32) { words[0], words[1] = uint32(step), 5 })
	first := c.Report(func(position int, value int32) error { return errors.Errorf("%d at %d", value, position) })
	c.Next(8)
	if a := c.Scratch(1); a != scratch {
		t.Errorf("the scratch of the next op is at %d, want %d", a, scratch)
	}
	more := c.PerStep(1, func(step uint64, words []uint32) { words[0] = uint32(2 * step) })
	second := c.Report(func(position int, value int32) error { return errors.Errorf("class %d of sample %d", value, position) })
	if words != perStep || more != perStep+8 || first != reports || second != reports+8 {
		t.Errorf("words at %d and %d, reports at %d and %d", words, more, first, second)
	}
	if a, b, c := c.Layout(); a != 768 || b != 12 || c != 16 {
		t.Errorf("layout %d, %d, %d, want 768, 12, 16", a, b, c)
	}
	got := make([]uint32, 3)
	c.StepWords(21, got)
	if got[0] != 21 || got[1] != 5 || got[2] != 42 {
		t.Errorf("words of step 21 are %v, want [21 5 42]", got)
	}
	none := ^uint64(0)
	if _, err := c.Reported([]uint64{none, none}); err != nil {
		t.Errorf("error %v of no report", err)
	}
	label, err := c.Reported([]uint64{none, 4<<32 | uint64(^uint32(0))})
	if label != 8 || err == nil || err.Error() != "class -1 of sample 4" {
		t.Errorf("label %d, error %v; want 8, class -1 of sample 4", label, err)
	}
	label, err = c.Reported([]uint64{2<<32 | 9, 4 << 32})
	if label != 3 || err == nil || err.Error() != "9 at 2" {
		t.Errorf("label %d, error %v; want those of the first op: 3, 9 at 2", label, err)
	}
}

func TestFirstMistakeSticks(t *testing.T) {
	c := NewCommands(0, 0, 0)
	c.Each("nothing", 1)
	c.Each("relu", 1)
	expect(t, "two mistakes", c.Err(), `no kernel "nothing"`)
	c = NewCommands(0, 0, 0)
	c.Each("relu", 0, "what is left out is not looked at")
	if c.Err() != nil || c.Len() != 0 {
		t.Errorf("a launch without blocks: %d commands, error %v", c.Len(), c.Err())
	}
}
