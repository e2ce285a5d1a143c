"""The bytes of image files, and arrays of images, to RGB pixels."""
