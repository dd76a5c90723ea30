"""Which words stand in a picture? RapidOCR finds the lines and reads Latin and Chinese, tesseract the other scripts."""
