package cuda

// A Parameter is one that an optimiser updates, in the memory of a device, with its
// gradient.
type Parameter struct {
	Name        string
	Value, Grad Value
}
