package onnximport

// operators are those that are supported, with their attributes.
var operators map[string]known

func init() {
	operators = map[string]known{
		// layers
		"Conv":                  {"auto_pad dilations group kernel_shape pads strides", (*call).conv},
		"ConvTranspose":         {"auto_pad dilations group kernel_shape output_padding output_shape pads strides", (*call).convTranspose},
		"Gemm":                  {"alpha beta broadcast transA transB", (*call).gemm},
		"MatMul":                {"", (*call).matMul},
		"BatchNormalization":    {"consumed_inputs epsilon is_test momentum spatial training_mode", (*call).batchNorm},
		"InstanceNormalization": {"consumed_inputs epsilon", (*call).instanceNorm},
		"LayerNormalization":    {"axis epsilon stash_type", (*call).layerNorm},
		"Dropout":               {"consumed_inputs is_test ratio seed", (*call).dropout},
		"LSTM":                  {recurrentAttributes + " input_forget", (*call).lstm},
		"GRU":                   {recurrentAttributes + " linear_before_reset", (*call).gru},
		"RNN":                   {recurrentAttributes, (*call).rnn},
		// pooling
		"MaxPool":           {"auto_pad ceil_mode dilations kernel_shape pads storage_order strides", (*call).maxPool},
		"AveragePool":       {"auto_pad ceil_mode count_include_pad kernel_shape pads strides", (*call).averagePool},
		"LpPool":            {"auto_pad kernel_shape p pads strides", (*call).lpPool},
		"GlobalAveragePool": {"", (*call).globalAveragePool},
		"GlobalMaxPool":     {"", (*call).globalMaxPool},
		"GlobalLpPool":      {"p", (*call).globalLpPool},
		// activations
		"Relu":       {"consumed_inputs", (*call).relu},
		"LeakyRelu":  {"alpha consumed_inputs", (*call).leakyRelu},
		"PRelu":      {"consumed_inputs", (*call).prelu},
		"Sigmoid":    {"consumed_inputs", (*call).sigmoid},
		"Tanh":       {"consumed_inputs", (*call).tanh},
		"Softplus":   {"", (*call).softplus},
		"Elu":        {"alpha consumed_inputs", (*call).elu},
		"Selu":       {"alpha consumed_inputs gamma", (*call).selu},
		"Celu":       {"alpha", (*call).celu},
		"Gelu":       {"approximate", (*call).gelu},
		"Softmax":    {"axis", (*call).softmax},
		"LogSoftmax": {"axis", (*call).logSoftmax},
		"Clip":       {"consumed_inputs max min", (*call).clip},

		"HardSigmoid":     {"alpha beta consumed_inputs", (*call).hardSigmoid},
		"ThresholdedRelu": {"alpha", (*call).thresholdedRelu},
		// shapes
		"Reshape":         {"allowzero consumed_inputs shape", (*call).reshapeTo},
		"Flatten":         {"axis", (*call).flatten},
		"Transpose":       {"perm", (*call).transposeBy},
		"Concat":          {"axis", (*call).concatAlong},
		"Split":           {"axis num_outputs split", (*call).split},
		"Slice":           {"axes ends starts", (*call).slice},
		"Squeeze":         {"axes", (*call).squeeze},
		"Unsqueeze":       {"axes", (*call).unsqueeze},
		"Expand":          {"", (*call).expandTo},
		"Tile":            {"", (*call).tile},
		"Pad":             {"mode paddings pads value", (*call).pad},
		"Gather":          {"axis", (*call).gather},
		"Shape":           {"end start", (*call).shape},
		"Size":            {"", (*call).size},
		"Identity":        {"", (*call).identity},
		"Cast":            {"saturate to", (*call).cast},
		"CastLike":        {"saturate", (*call).castLike},
		"Constant":        {"value value_float value_floats value_int value_ints", (*call).constantNode},
		"ConstantOfShape": {"value", (*call).constantOfShape},
		"Range":           {"", (*call).rangeOf},
		"Where":           {"", (*call).where},
		"TopK":            {"axis k largest sorted", (*call).topK},
		"DepthToSpace":    {"blocksize mode", (*call).depthToSpace},
		"SpaceToDepth":    {"blocksize", (*call).spaceToDepth},
		"Resize":          {"antialias axes coordinate_transformation_mode cubic_coeff_a exclude_outside extrapolation_value keep_aspect_ratio_policy mode nearest_mode", (*call).resize},
		"Upsample":        {"mode scales", (*call).resize},
		// arithmetic
		"Sum": {"consumed_inputs", (*call).sum}, "Mean": {"consumed_inputs", (*call).mean},
		"Max": {"consumed_inputs", (*call).extreme}, "Min": {"consumed_inputs", (*call).extreme},
		"IsInf": {"detect_negative detect_positive", (*call).isInf},
		"Mod":   {"fmod", (*call).mod},
	}
	for name := range functions {
		operators[name] = known{"consumed_inputs", (*call).byFunction}
	}
	for name := range operations {
		if _, own := operators[name]; !own {
			operators[name] = known{"axis broadcast consumed_inputs", (*call).byOperation}
		}
	}
	for _, name := range []string{"Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare"} {
		operators["Reduce"+name] = known{"axes keepdims noop_with_empty_axes", (*call).reduction}
	}
}
