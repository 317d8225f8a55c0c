// Stands in for the SDK that the platform brings along.
exports.origin = "platform";
