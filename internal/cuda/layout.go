package cuda

// NewCommands returns empty commands whose working memory, words of a step and reports lie
// at the given addresses. How much of each they need is known when they are recorded; so
// they are recorded twice, the first time at any addresses.
func NewCommands(scratch, perStep, reports Pointer) *Commands {
	return &Commands{scratch: scratch, perStep: perStep, faults: reports}
}

// Layout returns the bytes of working memory, of the words of a step and of reports.
func (c *Commands) Layout() (scratch, perStep, reports int) {
	return c.need, 4 * c.words, 8 * len(c.reports)
}

// Len returns the number of commands so far.
func (c *Commands) Len() int { return len(c.list) }

// StepWords computes what kernels read of a step, see [Commands.PerStep].
func (c *Commands) StepWords(step uint64, words []uint32) {
	for _, s := range c.steps {
		s.of(step, words[s.at:s.at+s.n])
	}
}

// Reported makes an error of what kernels have reported, nil if it is nothing, and says
// under which label it was recorded. Where nothing is reported the word is ^0.
func (c *Commands) Reported(reports []uint64) (label int, err error) {
	for k, r := range c.reports {
		if v := reports[k]; v != ^uint64(0) {
			return r.label, r.err(int(v>>32), int32(v))
		}
	}
	return 0, nil
}
