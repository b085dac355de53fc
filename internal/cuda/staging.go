package cuda

// stagingBytes are copied at a time between memory that may move, or that the driver does
// not know, and a device.
const stagingBytes = 4 << 20

// Put copies to the device and waits for it; from is any memory of the host.
func (s *Stream) Put(to Pointer, from []byte) error {
	return s.staged(len(from), func(host *Host, at, n int) error {
		copy(host.Bytes(), from[at:at+n])
		if err := s.Upload(to+Pointer(at), host, 0, n); err != nil {
			return err
		}
		return s.Sync()
	})
}

// Get copies from the device and waits for it; to is any memory of the host.
func (s *Stream) Get(to []byte, from Pointer) error {
	return s.staged(len(to), func(host *Host, at, n int) error {
		if err := s.Download(host, 0, from+Pointer(at), n); err != nil {
			return err
		}
		if err := s.Sync(); err != nil {
			return err
		}
		copy(to[at:], host.Bytes()[:n])
		return nil
	})
}

// staged calls f for parts of so many bytes, with memory that copies may use.
func (s *Stream) staged(bytes int, f func(host *Host, at, n int) error) error {
	if s.staging == nil {
		var err error
		if s.staging, err = s.v.Pinned(stagingBytes); err != nil {
			return err
		}
	}
	for at := 0; at < bytes; at += stagingBytes {
		if err := f(s.staging, at, min(stagingBytes, bytes-at)); err != nil {
			return err
		}
	}
	return nil
}
