//go:build linux && (amd64 || arm64) && !nocuda

package cuda

import "testing"

func TestSignalActionsStay(t *testing.T) {
	const user2 = 12 // SIGUSR2, which Go has an action for
	var before, after sigaction
	if !actionOf(user2, nil, &before) {
		t.Fatal("the action can't be read")
	}
	err := guardSignals(func() error {
		ignore := sigaction{handler: 1}
		if !actionOf(user2, &ignore, nil) {
			t.Error("the action can't be set")
		}
		return nil
	})
	if err != nil || !actionOf(user2, nil, &after) {
		t.Fatal(err)
	}
	if after != before {
		t.Errorf("the action is %+v, want %+v", after, before)
	}
}
