# Stands in for the SDK that the platform brings along.
origin = "platform"
