function pollPaymentStatus(reference, redirectUrl) {
let attempts = 0;
const maxAttempts = 60; // 60 * 3 seconds = 3 minutes max
let interval;
function checkStatus() {
attempts++;
console.log(`Checking payment status (attempt ${attempts}/${maxAttempts})...`);
fetch(`https://pay.rwandapay.rw/api/v1/checkout/${reference}/verify`, {
headers: {
'Accept': 'application/json'
}
})
.then(response => response.json())
.then(data => {
if (data.completed === true) {
clearInterval(interval);
if (data.success === true) {
// Redirect to success URL
window.location.href = data.redirect_url || redirectUrl;
} else {
// Show error and redirect
showError(data.message);
setTimeout(() => {
window.location.href = data.redirect_url || '/';
}, 3000);
}
} else if (attempts >= maxAttempts) {
clearInterval(interval);
showError('Payment verification timeout. Please check your email.');
}
})
.catch(error => {
console.error('Polling error:', error);
if (attempts >= maxAttempts) {
clearInterval(interval);
showError('Unable to verify payment status.');
}
});
}
// Start polling every 3 seconds
interval = setInterval(checkStatus, 3000);
checkStatus(); // Check immediately
}
