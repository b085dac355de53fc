package winograd

//go:generate go run -C ../_asm ./winograd -out ../winograd/transform_amd64.s -stubs ../winograd/transform_amd64.go -pkg winograd
