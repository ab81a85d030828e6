async function initializePayment(paymentData, apiKeys) {
// Validate input
if (!paymentData.amount || paymentData.amount < 100) {
throw new Error('Amount must be at least 100 RWF');
}
if (!paymentData.customer?.phone) {
throw new Error('Customer phone number is required');
}
// Disable button and show loading
const payButton = document.getElementById('pay-button');
if (payButton) {
payButton.disabled = true;
payButton.innerHTML = '<div class="spinner"></div> Processing...';
}
try {
const response = await fetch('https://pay.rwandapay.rw/api/v1/checkout/initialize', {
method: 'POST',
headers: {
'X-Public-Key': apiKeys.publicKey,
'X-Secret-Key': apiKeys.secretKey,
'Content-Type': 'application/json'
},
body: JSON.stringify({
amount: paymentData.amount,
tx_ref: paymentData.tx_ref || 'ORDER-' + Date.now(),
currency: paymentData.currency || 'RWF',
customer: {
name: paymentData.customer.name,
email: paymentData.customer.email,
phone: paymentData.customer.phone
},
redirect_url: paymentData.redirect_url || window.location.href + '/callback',
webhook_url: paymentData.webhook_url,
description: paymentData.description,
meta: paymentData.meta || {}
})
});
const result = await response.json();
if (result.success) {
// Redirect to hosted payment page
window.location.href = result.data.payment_url;
return result.data;
} else {
throw new Error(result.message || 'Payment initialization failed');
}
} catch (error) {
console.error('Payment error:', error);
showErrorToast(error.message);
return null;
} finally {
if (payButton) {
payButton.disabled = false;
payButton.innerHTML = 'Pay Now';
}
}
}
