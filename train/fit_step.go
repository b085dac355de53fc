package train

// train makes one step.
func (f *fit) train() error {
	if err := f.setRate(); err != nil {
		return err
	}
	err := f.beforeStep()
	if err != nil {
		return err
	}
	if f.result, err = f.trainer.Step(f.b.X, f.b.T); err != nil {
		return err
	}
	if left, err := f.leaveOut(); left || err != nil {
		return err
	}
	if err := f.sum.add(f.result, f.b); err != nil {
		return err
	}
	if err := f.trainer.Update(f.optimiser); err != nil {
		return err
	}
	f.step, f.batchesDone = f.step+1, f.batchesDone+1
	return f.afterStep()
}

// setRate applies the schedule.
func (f *fit) setRate() error {
	if f.schedule == nil {
		return nil
	}
	lr, err := f.rateAt(f.step, f.history.watched())
	if err != nil {
		return err
	}
	return f.optimiser.(*Optimizer).SetLR(lr)
}

// rateAt returns what the schedule says of a step.
func (f *fit) rateAt(step int, watched []float64) (float64, error) {
	return f.schedule(f.optimiser.(*Optimizer).BaseLR(), Progress{Step: step, StepsPerEpoch: f.loader.Len(), Metrics: watched})
}
