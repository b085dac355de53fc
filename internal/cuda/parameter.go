package cuda

// A Parameter is one that an optimiser updates, in the memory of a device, with its
// gradient. Where there is none, that has the address 0.
type Parameter struct {
	Name        string
	Value, Grad Value
}
