"""What is a report, and how dense are reports?"""
